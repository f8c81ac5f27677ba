// SPDX-License-Identifier: MIT
#include "slotd/app/setup.hpp"

#include "slotd/model/text.hpp"

#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace slotd::app {
namespace {

using model::Error;
using model::ErrorKind;

bool is_true(const std::optional<std::string>& text) {
    return text && (*text == "1" || *text == "true" || *text == "TRUE" || *text == "True" ||
                    *text == "t" || *text == "T");
}

class Assembly {
  public:
    Assembly(const Options& options, const Environment& environment)
        : options_(options), environment_(environment) {}

    SetupReading make(const std::string& default_file) {
        read_config_file(default_file);
        if (!reading_.errors.empty())
            return std::move(reading_);
        read_environment();
        apply_options();
        check_address();
        take_token();
        if (reading_.setup.work.sockets.empty() && reading_.errors.empty())
            wrong(ErrorKind::usage, "no HAProxy to work on", {},
                  "give --socket PATH, or `sockets` in [haproxy] of the configuration file");
        if (!reading_.setup.work.state_file.empty() && reading_.setup.work.sockets.size() > 1)
            wrong(ErrorKind::config, "one state_file can't hold the state of several HAProxys",
                  "haproxy.state_file", "run one slotd for each of them, or leave it out");
        return std::move(reading_);
    }

  private:
    void wrong(ErrorKind kind, std::string what, std::string where, std::string hint) {
        reading_.errors.emplace_back(kind, std::move(what), std::move(where), std::move(hint));
    }

    void read_config_file(const std::string& default_file) {
        std::string path = options_.config_file.value_or(std::string());
        if (path.empty() && ::access(default_file.c_str(), F_OK) == 0)
            path = default_file;
        if (path.empty())
            return;
        ConfigReading read = read_config(path);
        reading_.errors = std::move(read.errors);
        consul_ = std::move(read.config.consul);
        reading_.setup.work = std::move(read.config.work);
        address_from_ = model::printable(path, 300) + ": consul.address";
    }

    void read_environment() {
        if (auto address = environment_("CONSUL_HTTP_ADDR"); address && !address->empty()) {
            consul_.address = *std::move(address);
            // Consul's own tools take HOST:PORT there.
            if (consul_.address.find("://") == std::string::npos)
                consul_.address =
                    (is_true(environment_("CONSUL_HTTP_SSL")) ? "https://" : "http://") +
                    consul_.address;
            address_from_ = "CONSUL_HTTP_ADDR";
        }
        if (auto token = environment_("CONSUL_HTTP_TOKEN"); token && !token->empty()) {
            consul_.token = *std::move(token);
            consul_.token_file.clear();
            token_from_ = "CONSUL_HTTP_TOKEN";
        }
        if (auto file = environment_("CONSUL_HTTP_TOKEN_FILE"); file && !file->empty())
            consul_.token_file = *std::move(file);
    }

    void apply_options() {
        if (options_.consul) {
            consul_.address = *options_.consul;
            address_from_ = "--consul";
        }
        sync::Settings& work = reading_.setup.work;
        if (!options_.sockets.empty())
            work.sockets.clear();
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

    void check_address() {
        std::string& address = consul_.address;
        while (address.ends_with('/') && !address.ends_with("://")) address.pop_back();
        const std::string_view text = address;
        const bool printable = model::printable(text, 1000) == text;
        const auto after = [&](std::string_view scheme) {
            return text.starts_with(scheme) && text.size() > scheme.size();
        };
        if (!printable || (!after("http://") && !after("https://") && !after("unix:///")))
            wrong(address_from_ == "--consul" ? ErrorKind::usage : ErrorKind::config,
                  "\"" + model::printable(text) + "\" is no address of Consul", address_from_,
                  "write http://HOST:PORT, https://HOST:PORT or unix:///PATH");
        net::HttpOptions& http = reading_.setup.http;
        http.base = address;
        http.user_agent = "slotd/" SLOTD_VERSION;
        reading_.setup.scope = consul_.scope;
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
    SetupReading reading_;
    ConsulSettings consul_;
    std::string address_from_ = "consul.address";
    std::string token_from_ = "consul.token";
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
    return Assembly(options, environment).make(default_file);
}

}  // namespace slotd::app
