// SPDX-License-Identifier: MIT
#include "key_takes.hpp"
#include "slotd/app/config.hpp"
#include "slotd/model/text.hpp"

#include <array>
#include <utility>

namespace slotd::app {
namespace {

using std::chrono::milliseconds;

std::string take_wait(Config& config, const Value& value) {
    milliseconds wait{0};
    std::string wrong = take_time(wait, value, std::chrono::seconds(1), std::chrono::minutes(10),
                                  "a time of whole seconds from \"1s\" to \"10m\"");
    if (wrong.empty() && wait.count() % 1000 != 0)
        wrong = "a time of whole seconds from \"1s\" to \"10m\"";
    if (wrong.empty())
        config.consul.scope.wait = std::chrono::duration_cast<std::chrono::seconds>(wait);
    return wrong;
}

std::string take_sockets(Config& config, const Value& value) {
    std::vector<std::string> texts;
    std::string wrong = take_strings(texts, value);
    if (!wrong.empty() || texts.empty())
        return "a list of paths or tcp://HOST:PORT, with at least one";
    for (const std::string& text : texts) {
        auto socket = net::SocketAddress::parse(text);
        if (!socket)
            return "a list of paths or tcp://HOST:PORT (of \"" + model::printable(text) +
                   "\": " + socket.error().what + ")";
        config.work.sockets.push_back(*std::move(socket));
    }
    return {};
}

// The name is the operator's: the reader puts the key under it.
std::string take_kv_key(Config&, const Value& value) {
    const auto* key = std::get_if<std::string>(&value);
    if (!key || !catalog::check_key(*key))
        return "a KV key as `consul kv get` takes it, without a / in front";
    return {};
}

std::string take_state_file(Config& config, const Value& value) {
    const auto* path = std::get_if<std::string>(&value);
    if (!path || (!path->empty() && (path->front() != '/' || path->back() == '/')))
        return "the absolute path of a file";
    config.work.state_file = *path;
    return {};
}

std::string take_listen(Config& config, const Value& value) {
    const std::string expected = "a list of 127.0.0.1:PORT, [::1]:PORT or unix:/PATH";
    std::vector<std::string> texts;
    if (!take_strings(texts, value).empty())
        return expected;
    for (const std::string& text : texts) {
        auto address = admin::ListenAddress::parse(text);
        if (!address)
            return expected + " (of \"" + model::printable(text) + "\": " + address.error().what +
                   ")";
        config.admin.listen.push_back(*std::move(address));
    }
    return {};
}

std::string take_state_dir(Config& config, const Value& value) {
    const auto* path = std::get_if<std::string>(&value);
    if (!path || (!path->empty() && path->front() != '/'))
        return "the absolute path of a folder";
    config.admin.state_dir = *path;
    return {};
}

template <auto member>
std::string take_tls_text(Config& config, const Value& value) {
    return take_string(config.consul.tls.*member, value);
}

constexpr std::array config_table{
    Key<Config>{"consul", "address", "\"http://127.0.0.1:8500\"",
                "Consul's HTTP address: [http://]HOST:PORT, https:// or unix:///path",
                [](Config& c, const Value& v) { return take_string(c.consul.address, v); }},
    Key<Config>{"consul", "token", "\"\"", "the ACL token; token_file keeps it out of this file",
                [](Config& c, const Value& v) { return take_string(c.consul.token, v); },
                R"("secret")"},
    Key<Config>{"consul", "token_file", "\"\"",
                "a file that holds the ACL token, read again before each request; beats token",
                [](Config& c, const Value& v) { return take_string(c.consul.token_file, v); },
                R"("/etc/slotd/consul.token")"},
    Key<Config>{"consul", "ca_file", "\"\"",
                "a PEM file of the authorities that sign Consul's certificate; without it and "
                "ca_path those of the system",
                take_tls_text<&net::TlsOptions::ca_file>, R"("/etc/slotd/consul-ca.pem")"},
    Key<Config>{"consul", "ca_path", "\"\"",
                "a folder of such files, named by their hashes (openssl rehash)",
                take_tls_text<&net::TlsOptions::ca_path>, R"("/etc/slotd/authorities")"},
    Key<Config>{"consul", "client_cert", "\"\"",
                "a PEM file with the certificate that slotd shows to an agent with "
                "verify_incoming; goes with client_key",
                take_tls_text<&net::TlsOptions::client_cert>, R"("/etc/slotd/client.pem")"},
    Key<Config>{"consul", "client_key", "\"\"",
                "a PEM file with the key of client_cert, without a passphrase",
                take_tls_text<&net::TlsOptions::client_key>, R"("/etc/slotd/client-key.pem")"},
    Key<Config>{"consul", "tls_server_name", "\"\"",
                "the name in Consul's certificate, where it is another than the address's",
                take_tls_text<&net::TlsOptions::server_name>, R"("server.dc1.consul")"},
    Key<Config>{"consul", "verify", "true",
                "false takes any certificate, and is warned about at every start",
                [](Config& c, const Value& v) { return take_bool(c.consul.tls.verify, v); }},
    Key<Config>{"consul", "datacenter", "\"\"",
                "the datacenter of services that name none; empty: the agent's own",
                [](Config& c, const Value& v) { return take_string(c.consul.scope.datacenter, v); },
                R"("dc1")"},
    Key<Config>{"consul", "namespace", "\"\"", "Consul Enterprise's namespace",
                [](Config& c, const Value& v) { return take_string(c.consul.scope.ns, v); },
                R"("team")"},
    Key<Config>{"consul", "partition", "\"\"", "Consul Enterprise's admin partition",
                [](Config& c, const Value& v) { return take_string(c.consul.scope.partition, v); },
                R"("edge")"},
    Key<Config>{
        "consul", "consistency", "\"stale\"",
        "which servers may answer: \"stale\", \"default\" or \"consistent\"",
        [](Config& c, const Value& v) {
            static constexpr std::array<std::pair<std::string_view, catalog::Consistency>, 3>
                choices{{{"stale", catalog::Consistency::stale},
                         {"default", catalog::Consistency::standard},
                         {"consistent", catalog::Consistency::consistent}}};
            return take_choice(c.consul.scope.consistency, v, choices);
        }},
    Key<Config>{"consul", "wait", "\"60s\"", "the longest blocking query", take_wait},
    Key<Config>{"haproxy", "sockets", "[]",
                "HAProxy's runtime sockets, paths or tcp://HOST:PORT; each is its own HAProxy",
                take_sockets, R"(["/run/haproxy/admin.sock"])"},
    Key<Config>{"haproxy", "poll", "\"1s\"",
                "how often a reload, or a change by someone else, is looked for",
                [](Config& c, const Value& v) {
                    return take_time(c.work.poll, v, milliseconds(50), std::chrono::minutes(1),
                                     "a time from \"50ms\" to \"1m\"");
                }},
    Key<Config>{"haproxy", "state_file", "\"\"",
                "HAProxy's server-state file, kept fresh so that any reload starts filled",
                take_state_file, R"("/var/lib/haproxy/state")"},
    Key<Config>{"admin", "listen", "[]",
                "where slotd can be looked at: a port of a loopback address (looking only) and a "
                "UNIX socket (pause, resume and log level too); empty: nowhere",
                take_listen, R"(["127.0.0.1:8399", "unix:/run/slotd/admin.sock"])"},
    Key<Config>{
        "admin", "state_dir", "\"\"",
        "a folder for what must outlive slotd: which backends are paused, the versions of the "
        "managed file; empty: nothing does",
        take_state_dir, R"("/var/lib/slotd")"},
    Key<Config>{
        "kv", "NAME", "",
        "the KV key whose list of servers the slots named NAME.kv.slots.invalid follow; NAME "
        "is any of letters, digits, - and _",
        take_kv_key, R"("haproxy/web")"},
};

}  // namespace

std::span<const Key<Config>> config_keys() {
    return config_table;
}

}  // namespace slotd::app
