// SPDX-License-Identifier: MIT
#include "slotd/haproxy/config_file.hpp"

#include "reading.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace slotd::haproxy {
namespace {

using Words = std::vector<std::string>;

// Every word that begins a section other than the four that are read.
constexpr std::array other_sections{"acme",        "cache",       "crt-store",   "fcgi-app",
                                    "frontend",    "http-errors", "log-forward", "mailers",
                                    "log-profile", "peers",       "program",     "resolvers",
                                    "ring",        "traces",      "userlist"};

/// The value after a keyword; empty when the line ends there.
std::string value_at(const Words& words, std::size_t at) {
    return at < words.size() ? words[at] : std::string();
}

/// "hdr" of "hdr(host)".
std::string before_parenthesis(const std::string& word) {
    return word.substr(0, word.find('('));
}

/// What a `server`, `server-template` or `default-server` line says from word `at` on.
void take_options(ServerLine& server, const Words& words, std::size_t at) {
    for (; at < words.size(); ++at) {
        const std::string& word = words[at];
        if (word == "init-addr")
            server.init_addr = value_at(words, ++at);
        else if (word == "resolvers")
            server.resolvers = value_at(words, ++at);
        else if (word == "track")
            server.track = value_at(words, ++at);
        else if (word == "cookie")
            server.cookie = value_at(words, ++at);
    }
}

/// "3" or "1-20".
void take_range(ServerLine& server, std::string_view text) {
    const auto dash = text.find('-');
    const auto first = dash == std::string_view::npos ? 1 : number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? number(text) : number(text.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last > 10'000'000)
        return;
    server.first = static_cast<unsigned>(*first);
    server.last = static_cast<unsigned>(*last);
}

class Reader {
  public:
    void read(const std::string& path, std::string_view text) {
        in_ = In::other;
        place_ = Place(path, 0);
        while (!text.empty()) {
            ++place_.line;
            const Words words = config_words(take_line(text));
            if (!words.empty() && !begin_section(words))
                take(words);
        }
    }

    ConfigFile take_config() { return std::move(config_); }

  private:
    enum class In { global, defaults, proxy, other };

    /// A section, and the server that its next lines start from.
    struct Scope {
        ProxySection proxy;
        ServerLine server;
    };

    bool begin_section(const Words& words) {
        const std::string& word = words.front();
        if (word == "global") {
            in_ = In::global;
        } else if (word == "defaults") {
            in_ = In::defaults;
            unnamed_ = scope_from(words, Scope());
            defaults_name_ = value_at(words, 1);
            named_[defaults_name_] = unnamed_;
        } else if (word == "backend" || word == "listen") {
            in_ = In::proxy;
            scope_ = scope_from(words, unnamed_);
            scope_.proxy.name = value_at(words, 1);
            config_.proxies.push_back(scope_.proxy);
        } else if (std::find(other_sections.begin(), other_sections.end(), word) !=
                   other_sections.end()) {
            in_ = In::other;
        } else {
            return false;
        }
        return true;
    }

    /// `backend web from NAME` starts from these defaults instead of the last ones.
    Scope scope_from(const Words& words, Scope otherwise) const {
        for (std::size_t i = 1; i + 1 < words.size(); ++i)
            if (words[i] == "from")
                if (const auto found = named_.find(words[i + 1]); found != named_.end())
                    return found->second;
        return otherwise;
    }

    void take(const Words& words) {
        switch (in_) {
            case In::global:
                take_global(words);
                return;
            case In::defaults:
                take_proxy(words, unnamed_.proxy, unnamed_.server);
                named_[defaults_name_] = unnamed_;
                return;
            case In::proxy:
                take_proxy(words, config_.proxies.back(), scope_.server);
                return;
            case In::other:
                return;
        }
    }

    void take_global(const Words& words) {
        if (words[0] == "server-state-file")
            config_.state_file = value_at(words, 1);
        else if (words[0] == "server-state-base")
            config_.state_base = value_at(words, 1);
        else if (words[0] == "stats" && value_at(words, 1) == "socket")
            take_socket(words);
    }

    void take_socket(const Words& words) {
        StatsSocket& socket = config_.sockets.emplace_back();
        socket.at = place_;
        socket.address = value_at(words, 2);
        for (std::size_t i = 3; i + 1 < words.size(); ++i)
            if (words[i] == "expose-fd" && words[i + 1] == "listeners")
                socket.exposes_listeners = true;
    }

    void take_proxy(const Words& words, ProxySection& proxy, ServerLine& server) {
        const std::string& word = words[0];
        if (word == "balance") {
            proxy.balance = before_parenthesis(value_at(words, 1));
        } else if (word == "cookie") {
            proxy.cookie = value_at(words, 1);
        } else if (word == "hash-type") {
            proxy.hash_type = value_at(words, 1);
        } else if (word == "load-server-state-from-file") {
            proxy.load_state = value_at(words, 1);
            if (proxy.load_state == "none")
                proxy.load_state.clear();
        } else if (word == "server-state-file-name") {
            proxy.state_name = value_at(words, 1);
        } else if (word == "default-server") {
            take_options(server, words, 1);
        } else if (in_ == In::defaults) {
            return;
        } else if (word == "server" && words.size() > 2) {
            add_server(words, proxy, server, 3);
        } else if (word == "server-template" && words.size() > 3) {
            take_range(add_server(words, proxy, server, 4), words[2]);
        }
    }

    ServerLine& add_server(const Words& words, ProxySection& proxy, const ServerLine& start,
                           std::size_t options) {
        ServerLine& server = proxy.servers.emplace_back(start);
        server.at = place_;
        server.name = words[1];
        take_options(server, words, options);
        return server;
    }

    ConfigFile config_;
    Place place_;
    In in_ = In::other;
    Scope scope_;
    Scope unnamed_;  ///< of the last `defaults`
    std::string defaults_name_;
    std::map<std::string, Scope> named_;
};

}  // namespace

std::string to_string(const Place& place) {
    return model::printable(place.file, 300) + ":" + std::to_string(place.line);
}

bool ServerLine::makes(std::string_view server) const {
    if (last == 0)
        return server == name;
    if (!server.starts_with(name))
        return false;
    const std::string_view digits = server.substr(name.size());
    const auto which = number(digits);
    return which && *which >= first && *which <= last && std::to_string(*which) == digits;
}

const ProxySection* ConfigFile::proxy(std::string_view name) const {
    const auto found = std::find_if(proxies.begin(), proxies.end(),
                                    [&](const ProxySection& one) { return one.name == name; });
    return found == proxies.end() ? nullptr : &*found;
}

std::string ConfigFile::state_path(const ProxySection& proxy) const {
    std::string path;
    if (proxy.load_state == "global")
        path = state_file;
    else if (proxy.load_state == "local")
        path = proxy.state_name.empty() || proxy.state_name == "use-backend-name"
                   ? proxy.name
                   : proxy.state_name;
    if (path.empty() || path.front() == '/' || state_base.empty())
        return path;
    return state_base + (state_base.ends_with('/') ? "" : "/") + path;
}

ConfigFile parse_config_files(const std::vector<std::pair<std::string, std::string>>& files) {
    Reader reader;
    for (const auto& [path, text] : files) reader.read(path, text);
    return reader.take_config();
}

std::vector<std::string> config_words(std::string_view line) {
    Words words;
    bool in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == 0 && (c == ' ' || c == '\t')) {
            in_word = false;
            continue;
        }
        if (quote == 0 && c == '#')
            break;
        if (!in_word)
            words.emplace_back();
        in_word = true;
        if (c == quote)
            quote = 0;
        else if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == '\\' && quote != '\'' && i + 1 < line.size())
            words.back() += line[++i];
        else
            words.back() += c;
    }
    return words;
}

}  // namespace slotd::haproxy
