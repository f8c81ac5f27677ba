// SPDX-License-Identifier: MIT
#include "slotd/app/facts.hpp"

#include <array>

namespace slotd::app {
namespace {

bool every(const CommandTable&) {
    return true;
}

bool work(const CommandTable& command) {
    return command.is_work;
}

bool ask_consul(const CommandTable& command) {
    return asks_consul(command.name);
}

/// Asks a running slotd.
bool asks(const CommandTable& command) {
    return command.name == CommandName::status || command.name == CommandName::pause ||
           command.name == CommandName::resume || command.name == CommandName::log_level;
}

template <CommandName... names>
bool only(const CommandTable& command) {
    return ((command.name == names) || ...);
}

constexpr std::array environment_table{
    Fact{"CONSUL_HTTP_ADDR", "Consul's address, with or without http:// or https://", ask_consul},
    Fact{"CONSUL_HTTP_SSL", "true: https:// in place of http://, unless `--consul` says http://",
         ask_consul},
    Fact{"CONSUL_HTTP_TOKEN", "the ACL token", ask_consul},
    Fact{"CONSUL_HTTP_TOKEN_FILE", "a file that holds the ACL token; beats CONSUL_HTTP_TOKEN",
         ask_consul},
    Fact{"CONSUL_HTTP_AUTH", "USER:PASSWORD for a proxy before Consul", ask_consul},
    Fact{"CONSUL_CACERT", "the file of `ca_file`", ask_consul},
    Fact{"CONSUL_CAPATH", "the folder of `ca_path`; beats what the file says of both", ask_consul},
    Fact{"CONSUL_CLIENT_CERT", "the file of `client_cert`", ask_consul},
    Fact{"CONSUL_CLIENT_KEY", "the file of `client_key`; beats what the file says of both",
         ask_consul},
    Fact{"CONSUL_TLS_SERVER_NAME", "the name of `tls_server_name`", ask_consul},
    Fact{"CONSUL_HTTP_SSL_VERIFY", "false: any certificate is taken, as `verify = false` does",
         ask_consul},
    Fact{"CONSUL_NAMESPACE", "the name of `namespace`", ask_consul},
    Fact{"CONSUL_PARTITION", "the name of `partition`", ask_consul},
    Fact{"PATH", "where the programs are looked for that `check` and `reload` in [file] name",
         only<CommandName::run, CommandName::check, CommandName::render, CommandName::rollback>},
    Fact{"NO_COLOR", "when it is not empty: no colours",
         only<CommandName::status, CommandName::render, CommandName::history>},
    Fact{"TERM", "dumb: the same",
         only<CommandName::status, CommandName::render, CommandName::history>},
    Fact{"NOTIFY_SOCKET", "where the service manager is told how slotd is, as systemd sets it",
         only<CommandName::run>},
    Fact{"WATCHDOG_USEC", "how often it wants to hear that slotd lives; systemd sets it too",
         only<CommandName::run>},
    Fact{"WATCHDOG_PID", "whose watchdog that is, if not slotd's", only<CommandName::run>},
    Fact{"JOURNAL_STREAM",
         "systemd's journal; where that is what reads the log, lines begin with their priority",
         work},
};

constexpr std::array exit_code_table{
    Fact{"0", "done", every},
    Fact{"1",
         "failed at run time: Consul or HAProxy can't be reached, a command was refused, a backend "
         "is held (but for an empty list or a large removal), `check` found a failure, the managed "
         "file is not what it should be, what the configuration names can't be used now (token "
         "file, certificates, `state_dir`, an address in `listen`), or what it prints can't be "
         "written",
         work},
    Fact{"1", "the running slotd can't be reached, or refused; or what it prints can't be written",
         asks},
    Fact{"1", "what it prints can't be written", only<CommandName::slots>},
    Fact{"2", "usage or configuration: the command line or the file is wrong", every},
    Fact{"10", "with `--exit-code`: there is something to send", only<CommandName::plan>},
};

constexpr std::array signal_table{
    Fact{"SIGHUP",
         "the configuration is read again; what did not change goes on undisturbed, and a file "
         "with a fault is refused",
         only<CommandName::run>},
    Fact{"SIGTERM", "slotd ends, and every slot stays as it is", only<CommandName::run>},
    Fact{"SIGINT", "the same", only<CommandName::run>},
    Fact{"SIGPIPE",
         "ignored: when the reader of its log ends, slotd goes on without one; a dry run ends",
         only<CommandName::run>},
    Fact{"SIGINT", "with `--watch`: the watching ends", only<CommandName::status>},
    Fact{"SIGTERM", "the same", only<CommandName::status>},
};

constexpr std::array example_table{
    Example{
        "slotd slots web 20 --check",
        "prints the line to paste into the backend of haproxy.cfg: 20 slots for the service web"},
    Example{"slotd check --socket /run/haproxy/admin.sock",
            "says what is wrong with the configuration, Consul or HAProxy, and how to mend it"},
    Example{"slotd plan --socket /run/haproxy/admin.sock", "shows what slotd would do, and why"},
    Example{"slotd run --socket /run/haproxy/admin.sock", "keeps HAProxy in step"},
    Example{"slotd run --dry-run --socket /run/haproxy/admin.sock",
            "goes on showing it, and sends nothing"},
    Example{"slotd status --watch", "shows what the running slotd holds, every second anew"},
    Example{"slotd pause web --for 30m", "keeps it from changing the backend web for half an hour"},
    Example{"slotd run --socket /run/haproxy/admin.sock --backend old=shop",
            "works on the backend old only: all its servers are slots for the service shop"},
};

constexpr const char* configuration =
    R"([haproxy]
sockets = ["/run/haproxy/admin.sock"]
state_file = "/var/lib/haproxy/state"

[defaults]
drain = "1m"

[backend.web]
tags = ["prod"]
gate = true

# Its lines in haproxy.cfg can't be changed: all its servers are slots.
[backend.old]
service = "shop"
slots = "*"
)";

}  // namespace

std::span<const Fact> environment() {
    return environment_table;
}

std::span<const Fact> exit_codes() {
    return exit_code_table;
}

std::span<const Fact> signals() {
    return signal_table;
}

std::span<const Example> examples() {
    return example_table;
}

std::string_view example_configuration() {
    return configuration;
}

}  // namespace slotd::app
