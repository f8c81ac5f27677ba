// SPDX-License-Identifier: MIT
#include "slotd/app/setup.hpp"

#include "file_setup.hpp"
#include "slotd/model/text.hpp"
#include "tls.hpp"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace slotd::app {
namespace {

using model::Error;
using model::ErrorKind;

// What sun_path holds.
constexpr std::size_t longest_socket_path = 107;

class Assembly {
  public:
    Assembly(const Options& options, const Environment& environment,
             const std::string& default_file)
        : options_(options), environment_(environment), default_file_(default_file) {}

    SetupReading make() {
        read_config_file();
        if (!reading_.errors.empty())
            return std::move(reading_);
        read_environment();
        apply_options();
        if (asks_consul(options_.command)) {
            check_address();
            take_tls();
            take_token();
        }
        note_what_is_beaten();
        check_file();
        check_sockets_differ();
        if (reading_.setup.work.sockets.empty() && reading_.errors.empty())
            wrong(ErrorKind::usage, "no HAProxy to work on", {},
                  "give --socket PATH, or `sockets` in [haproxy] of the configuration file");
        if (!reading_.setup.work.state_file.empty() && reading_.setup.work.sockets.size() > 1)
            wrong(ErrorKind::config, "one state_file can't hold the state of several HAProxys",
                  "haproxy.state_file", "run one slotd for each of them, or leave it out");
        if (auto& file = reading_.setup.file)
            for (Error& error : complete(*file, reading_.setup.admin, reading_.setup.work, path_))
                reading_.errors.push_back(std::move(error));
        return std::move(reading_);
    }

  private:
    void wrong(ErrorKind kind, std::string what, std::string where, std::string hint) {
        reading_.errors.emplace_back(kind, std::move(what), std::move(where), std::move(hint));
    }

    void read_config_file() {
        std::string path = options_.config_file.value_or(std::string());
        if (path.empty() && ::access(default_file_.c_str(), F_OK) == 0)
            path = default_file_;
        if (path.empty())
            return;
        reading_.file = path;
        ConfigReading read = read_config(path);
        reading_.errors = std::move(read.errors);
        consul_ = std::move(read.config.consul);
        reading_.setup.admin = std::move(read.config.admin);
        of_file_ = consul_;
        reading_.setup.work = std::move(read.config.work);
        reading_.setup.file = std::move(read.config.file);
        path_ = model::printable(path, 300);
        const auto from = [&](const std::string& key) {
            const auto place = read.places.find(key);
            return (place == read.places.end() ? path_ : place->second) + ": " + key;
        };
        address_from_ = from("consul.address");
        token_from_ = from("consul.token");
        sockets_from_ = from("haproxy.sockets");
    }

    void check_file() {
        if (!works_on_file(options_.command) || reading_.setup.file)
            return;
        wrong(ErrorKind::config, "no managed file is configured", path_,
              path_.empty()
                  ? "it needs [file] with `template` and `output` in " + default_file_ +
                        ", or in the file that --config names"
                  : "write [file] with `template` and `output` into it, or name another file by "
                    "--config");
    }

    void read_environment() {
        if (auto address = environment_("CONSUL_HTTP_ADDR"); address && !address->empty()) {
            consul_.address = *std::move(address);
            address_from_ = "CONSUL_HTTP_ADDR";
        }
        if (auto token = environment_("CONSUL_HTTP_TOKEN"); token && !token->empty()) {
            consul_.token = *std::move(token);
            consul_.token_file.clear();
            token_from_ = "CONSUL_HTTP_TOKEN";
        }
        const auto take = [this](const char* name, std::string& to) {
            if (auto value = environment_(name); value && !value->empty())
                to = *std::move(value);
        };
        take("CONSUL_HTTP_TOKEN_FILE", consul_.token_file);
        take("CONSUL_HTTP_AUTH", reading_.setup.http.auth);
        take("CONSUL_NAMESPACE", consul_.scope.ns);
        take("CONSUL_PARTITION", consul_.scope.partition);
    }

    void beaten(bool is_there, std::string_view key, std::string_view by) {
        if (is_there && !by.empty())
            reading_.without_effect.emplace_back(
                ErrorKind::config,
                std::string(key) + " has no effect: " + std::string(by) + " beats it", path_);
    }

    void note_what_is_beaten() {
        const auto is_set = [this](const char* name) {
            const auto value = environment_(name);
            return value && !value->empty();
        };
        const std::string_view file =
            is_set("CONSUL_HTTP_TOKEN_FILE") ? "CONSUL_HTTP_TOKEN_FILE" : "";
        const std::string_view token = !file.empty()                 ? file
                                       : is_set("CONSUL_HTTP_TOKEN") ? "CONSUL_HTTP_TOKEN"
                                                                     : "";
        beaten(of_file_.address != ConsulSettings().address, "consul.address",
               options_.consul              ? "--consul"
               : is_set("CONSUL_HTTP_ADDR") ? "CONSUL_HTTP_ADDR"
                                            : "");
        beaten(!of_file_.token_file.empty(), "consul.token_file", token);
        beaten(!of_file_.token.empty(), "consul.token",
               token.empty() && !of_file_.token_file.empty() ? "consul.token_file" : token);
    }

    void apply_options() {
        if (options_.consul) {
            consul_.address = *options_.consul;
            address_from_ = "--consul";
        }
        sync::Settings& work = reading_.setup.work;
        if (!options_.sockets.empty()) {
            beaten(!work.sockets.empty(), "haproxy.sockets", "--socket");
            work.sockets.clear();
        }
        for (const std::string& text : options_.sockets) {
            auto socket = net::SocketAddress::parse(text);
            if (socket)
                work.sockets.push_back(*std::move(socket));
            else
                wrong(ErrorKind::usage, socket.error().what, "--socket " + model::printable(text),
                      socket.error().hint);
        }
        for (const BackendOption& backend : options_.backends) {
            work.only.push_back(backend.name);
            if (backend.service.empty())
                continue;
            const auto own = work.backends.try_emplace(backend.name, work.defaults).first;
            own->second.service = backend.service;
            own->second.kv.clear();
            own->second.slots = "*";
        }
    }

    // Two hands on one HAProxy would each undo what the other does.
    void check_sockets_differ() {
        const std::vector<net::SocketAddress>& sockets = reading_.setup.work.sockets;
        const bool by_option = !options_.sockets.empty();
        for (auto one = sockets.begin(); one != sockets.end(); ++one)
            if (std::any_of(sockets.begin(), one, [&](const net::SocketAddress& before) {
                    return before.is_same_place(*one);
                }))
                wrong(by_option ? ErrorKind::usage : ErrorKind::config,
                      "this socket is named twice",
                      (by_option ? "--socket" : sockets_from_) + " " + one->text(),
                      "name each HAProxy once");
    }

    // As Consul's own tools do, also where http:// is written; only an option that says so beats
    // it.
    void use_tls_if_asked() {
        const auto asked = read_switch(environment_, "CONSUL_HTTP_SSL", reading_.errors);
        const bool is_said = options_.consul && options_.consul->starts_with("http://");
        if (asked.value_or(false) && !is_said && consul_.address.starts_with("http://"))
            consul_.address.insert(4, "s");
    }

    void check_address() {
        std::string& address = consul_.address;
        // Consul's own tools take HOST:PORT.
        if (address.find("://") == std::string::npos && !address.starts_with('/'))
            address.insert(0, "http://");
        use_tls_if_asked();
        while (address.ends_with('/') && !address.ends_with("://")) address.pop_back();
        const std::string_view text = address;
        const bool printable = model::printable(text, 1000) == text;
        const auto after = [&](std::string_view scheme) {
            return text.starts_with(scheme) && text.size() > scheme.size();
        };
        if (!printable || (!after("http://") && !after("https://") && !after("unix:///")))
            no_address({});
        else if (text.starts_with("unix://") && text.size() > longest_socket_path + 7)
            wrong(ErrorKind::config,
                  "the path of a UNIX socket has at most " + std::to_string(longest_socket_path) +
                      " characters",
                  address_from_, "move it, or name it by a shorter link");
        else if (text.find('@') != std::string_view::npos && !text.starts_with("unix://"))
            wrong(ErrorKind::config, "an address has no place for a user or a password",
                  address_from_, "CONSUL_HTTP_AUTH takes USER:PASSWORD");
        else if (!text.starts_with("unix://"))
            if (const std::string fault = net::fault_of_base(address); !fault.empty())
                no_address(": " + fault);
        net::HttpOptions& http = reading_.setup.http;
        http.base = address;
        http.user_agent = "slotd/" SLOTD_VERSION;
        reading_.setup.scope = consul_.scope;
    }

    void no_address(const std::string& why) {
        wrong(address_from_ == "--consul" ? ErrorKind::usage : ErrorKind::config,
              "\"" + model::printable(consul_.address) + "\" is no address of Consul" + why,
              address_from_,
              "write http://HOST:PORT, https://HOST:PORT or unix:///PATH, an IPv6 address in "
              "brackets");
    }

    void take_tls() {
        Tls tls(consul_.tls, path_);
        tls.read(environment_);
        tls.check(consul_.address);
        for (const Error& error : tls.errors()) reading_.errors.push_back(error);
        reading_.setup.warnings = tls.warnings();
        reading_.setup.http.tls = tls.options();
    }

    void take_token() {
        net::HttpOptions& http = reading_.setup.http;
        if (!consul_.token_file.empty()) {
            const auto token = read_token(consul_.token_file);
            if (!token) {
                reading_.errors.push_back(token.error());
                return;
            }
            const auto file = std::make_shared<TokenFile>(consul_.token_file, *token);
            reading_.setup.token_file = file;
            http.token_source.name = consul_.token_file;
            http.token_source.current = [file] { return file->current(); };
            return;
        }
        // A token is a header's value: a line end in it would begin another header.
        if (!is_token(consul_.token))
            wrong(ErrorKind::config, "the token has blanks or control characters", token_from_,
                  "a token is one word, most often a UUID");
        http.token = consul_.token;
    }

    const Options& options_;
    const Environment& environment_;
    const std::string& default_file_;
    SetupReading reading_;
    ConsulSettings consul_;
    std::string path_;  ///< of the configuration file; empty: there is none
    ConsulSettings of_file_;
    std::string address_from_ = "consul.address";
    std::string token_from_ = "consul.token";
    std::string sockets_from_;
};

}  // namespace

Environment process_environment() {
    return [](const char* name) -> std::optional<std::string> {
        const char* value = std::getenv(name);
        if (!value)
            return std::nullopt;
        return std::string(value);
    };
}

SetupReading make_setup(const Options& options, const Environment& environment,
                        const std::string& default_file) {
    return Assembly(options, environment, default_file).make();
}

}  // namespace slotd::app
