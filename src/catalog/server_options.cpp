// SPDX-License-Identifier: MIT
#include "server_options.hpp"

#include <algorithm>
#include <array>

// What `haproxy -dKcfg` of 2.6 and 3.0 lists (tests/live compares), and what the manuals of 3.1
// to 3.3 have besides. `source` takes `usesrc` and `interface` as words of its own.

namespace slotd::catalog {
namespace {

constexpr auto alone = std::to_array<std::string_view>({"agent-check",
                                                        "allow-0rtt",
                                                        "backup",
                                                        "check",
                                                        "check-reuse-pool",
                                                        "check-send-proxy",
                                                        "check-sni-auto",
                                                        "check-ssl",
                                                        "check-via-socks4",
                                                        "disabled",
                                                        "enabled",
                                                        "force-sslv3",
                                                        "force-tlsv10",
                                                        "force-tlsv11",
                                                        "force-tlsv12",
                                                        "force-tlsv13",
                                                        "no-agent-check",
                                                        "no-backup",
                                                        "no-check",
                                                        "no-check-reuse-pool",
                                                        "no-check-send-proxy",
                                                        "no-check-sni-auto",
                                                        "no-check-ssl",
                                                        "no-renegotiate",
                                                        "no-send-proxy",
                                                        "no-send-proxy-v2",
                                                        "no-send-proxy-v2-ssl",
                                                        "no-send-proxy-v2-ssl-cn",
                                                        "no-sni-auto",
                                                        "no-ssl",
                                                        "no-ssl-reuse",
                                                        "no-sslv3",
                                                        "no-tfo",
                                                        "no-tls-tickets",
                                                        "no-tlsv10",
                                                        "no-tlsv11",
                                                        "no-tlsv12",
                                                        "no-tlsv13",
                                                        "no-verifyhost",
                                                        "non-stick",
                                                        "renegotiate",
                                                        "send-proxy",
                                                        "send-proxy-v2",
                                                        "send-proxy-v2-ssl",
                                                        "send-proxy-v2-ssl-cn",
                                                        "sni-auto",
                                                        "ssl",
                                                        "ssl-reuse",
                                                        "stick",
                                                        "strict-maxconn",
                                                        "tfo",
                                                        "tls-tickets"});

constexpr auto with_value = std::to_array<std::string_view>({"addr",
                                                             "agent-addr",
                                                             "agent-inter",
                                                             "agent-port",
                                                             "agent-send",
                                                             "alpn",
                                                             "ca-file",
                                                             "cc",
                                                             "check-alpn",
                                                             "check-pool-conn-name",
                                                             "check-proto",
                                                             "check-sni",
                                                             "ciphers",
                                                             "ciphersuites",
                                                             "client-sigalgs",
                                                             "cookie",
                                                             "crl-file",
                                                             "crt",
                                                             "curves",
                                                             "downinter",
                                                             "error-limit",
                                                             "fall",
                                                             "fastinter",
                                                             "guid",
                                                             "hash-key",
                                                             "id",
                                                             "idle-ping",
                                                             "init-addr",
                                                             "init-state",
                                                             "inter",
                                                             "interface",
                                                             "ktls",
                                                             "log-bufsize",
                                                             "log-proto",
                                                             "max-reuse",
                                                             "maxconn",
                                                             "maxqueue",
                                                             "minconn",
                                                             "namespace",
                                                             "npn",
                                                             "observe",
                                                             "on-error",
                                                             "on-marked-down",
                                                             "on-marked-up",
                                                             "pool-conn-name",
                                                             "pool-low-conn",
                                                             "pool-max-conn",
                                                             "pool-purge-delay",
                                                             "port",
                                                             "proto",
                                                             "proxy-v2-options",
                                                             "redir",
                                                             "resolve-net",
                                                             "resolve-opts",
                                                             "resolve-prefer",
                                                             "resolvers",
                                                             "rise",
                                                             "set-proxy-v2-tlv-fmt",
                                                             "shard",
                                                             "sigalgs",
                                                             "slowstart",
                                                             "sni",
                                                             "socks4",
                                                             "source",
                                                             "ssl-max-ver",
                                                             "ssl-min-ver",
                                                             "tcp-md5sig",
                                                             "tcp-ut",
                                                             "track",
                                                             "usesrc",
                                                             "verify",
                                                             "verifyhost",
                                                             "weight",
                                                             "ws"});

static_assert(std::is_sorted(alone.begin(), alone.end()));
static_assert(std::is_sorted(with_value.begin(), with_value.end()));

}  // namespace

std::optional<std::size_t> arguments_of_server_option(std::string_view option) {
    // set-proxy-v2-tlv-fmt(0x20) FORMAT
    const std::string_view name = option.substr(0, option.find('('));
    if (std::binary_search(with_value.begin(), with_value.end(), name))
        return 1;
    if (std::binary_search(alone.begin(), alone.end(), name))
        return 0;
    return std::nullopt;
}

}  // namespace slotd::catalog
