// SPDX-License-Identifier: MIT
#include "slotd/haproxy/state.hpp"

#include "columns.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

// `show servers state`: a line "1" (the version), a line "# " with the columns, a line a server, an
// empty line.

namespace slotd::haproxy {
namespace {

using model::Admin;
using model::Error;
using model::ErrorKind;
using model::Server;

constexpr std::string_view show_state = "show servers state";

// Bits of srv_admin_state, in decimal. 4 (configured `disabled`) stays set after `state ready`,
// over reloads too, and says nothing of the state.
constexpr std::int64_t maint_bits = 0x23;  // forced, inherited, by DNS
constexpr std::int64_t drain_bits = 0x18;  // forced, inherited
constexpr std::int64_t not_ready_bits = 0x7B;
constexpr std::int64_t line_disabled_bit = 0x04;
// Of srv_check_state: the line has `check`.
constexpr std::int64_t check_configured_bit = 0x02;

enum Column {
    be_id,
    be_name,
    srv_id,
    srv_name,
    srv_addr,
    srv_admin_state,
    srv_uweight,
    srv_time_since_last_change,
    srv_port,
    srv_fqdn,
    column_count
};
constexpr std::array<std::string_view, column_count> column_names{
    "be_id",    "be_name",         "srv_id",      "srv_name",
    "srv_addr", "srv_admin_state", "srv_uweight", "srv_time_since_last_change",
    "srv_port", "srv_fqdn"};

void split_blanks(std::string_view line, std::vector<std::string_view>& words) {
    words.clear();
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        if (i < line.size() && line[i] != ' ')
            continue;
        if (i > begin)
            words.push_back(line.substr(begin, i - begin));
        begin = i + 1;
    }
}

Error unreadable_line(std::string_view line, std::string what) {
    return unreadable(show_state,
                      std::move(what) + " in the line \"" + model::printable(line, 300) + "\"");
}

Admin admin_of(std::int64_t bits) {
    if ((bits & maint_bits) != 0)
        return Admin::maint;
    if ((bits & drain_bits) != 0)
        return Admin::drain;
    return (bits & not_ready_bits) != 0 ? Admin::maint : Admin::ready;
}

struct Places {
    std::array<std::size_t, column_count> of{};
    std::optional<std::size_t> check_state;  // not needed to follow a slot

    std::size_t operator[](std::size_t column) const { return of[column]; }
};

model::Result<Server> parse_server(std::string_view line,
                                   const std::vector<std::string_view>& words,
                                   const Places& places) {
    for (std::size_t c = 0; c < column_count; ++c)
        if (places[c] >= words.size())
            return unreadable_line(line, "no " + std::string(column_names[c]));
    const auto word = [&](Column column) { return words[places[column]]; };

    auto backend = model::BackendName::parse(word(be_name));
    auto name = model::ServerName::parse(word(srv_name));
    if (!backend || !name)
        return unreadable_line(line, "a name with strange characters");
    Server server(model::SlotId(*std::move(backend), *std::move(name)));

    std::array<std::int64_t, column_count> numbers{};
    for (const Column column :
         {be_id, srv_id, srv_admin_state, srv_uweight, srv_time_since_last_change, srv_port}) {
        numbers[column] = number(word(column)).value_or(-1);
        if (numbers[column] < 0)
            return unreadable_line(line, std::string(column_names[column]) + " is no number");
    }
    server.backend_id = static_cast<std::uint32_t>(numbers[be_id]);
    server.server_id = static_cast<std::uint32_t>(numbers[srv_id]);
    server.admin = admin_of(numbers[srv_admin_state]);
    server.line_disabled = (numbers[srv_admin_state] & line_disabled_bit) != 0;
    server.weight = model::Weight::clamped(numbers[srv_uweight]);
    server.since_change = std::chrono::seconds(numbers[srv_time_since_last_change]);
    if (places.check_state && *places.check_state < words.size())
        server.has_check =
            (number(words[*places.check_state]).value_or(0) & check_configured_bit) != 0;
    if (word(srv_fqdn) != "-")
        server.host_name = word(srv_fqdn);

    server.lacks_address = word(srv_addr) == "-";

    // A server on a UNIX socket shows its path, which no slot has.
    const auto address = model::Address::parse(word(srv_addr));
    const auto port = model::Port::from(numbers[srv_port]);
    if (address && port)
        server.at = model::AddressPort(*address, *port);
    return server;
}

}  // namespace

Error unreadable(std::string_view command, std::string what) {
    return Error(ErrorKind::unreadable, "HAProxy's answer can't be read: " + std::move(what),
                 "`" + std::string(command) + "`", "please report it with HAProxy's version");
}

model::Result<std::vector<Server>> parse_servers_state(std::string_view reply) {
    std::string_view rest = reply;
    std::string_view line = take_line(rest);
    if (line.starts_with("Can't find backend"))
        return Error(ErrorKind::refused, "Can't find backend.",
                     "`" + std::string(show_state) + "`");
    if (line.starts_with("Permission denied"))
        return Error(ErrorKind::refused, "Permission denied", "`" + std::string(show_state) + "`",
                     "the `stats socket` line needs `level admin`");
    if (line != "1")
        return unreadable_line(line, "not version 1");
    line = take_line(rest);
    std::vector<std::string_view> words;
    if (!line.starts_with("# "))
        return unreadable_line(line, "no columns");
    split_blanks(line.substr(2), words);
    const Columns columns(words);
    Places places;
    for (std::size_t c = 0; c < column_count; ++c) {
        const auto place = columns.find(column_names[c]);
        if (!place)
            return unreadable_line(line, "no column " + std::string(column_names[c]));
        places.of[c] = *place;
    }
    places.check_state = columns.find("srv_check_state");

    std::vector<Server> servers;
    servers.reserve(static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')));
    while (!rest.empty()) {
        const bool whole = rest.find('\n') != std::string_view::npos;
        line = take_line(rest);
        if (line.empty())
            continue;
        if (!whole)
            return unreadable_line(line, "no end");
        split_blanks(line, words);
        auto server = parse_server(line, words, places);
        if (!server)
            return std::move(server).error();
        servers.push_back(*std::move(server));
    }
    return servers;
}

std::string without_servers(std::string_view reply, const std::set<model::SlotId>& servers) {
    std::string kept;
    kept.reserve(reply.size());
    std::vector<std::string_view> words;
    std::optional<Columns> columns;
    while (!reply.empty()) {
        const std::string_view line = take_line(reply);
        if (line.starts_with("# ")) {
            split_blanks(line.substr(2), words);
            columns.emplace(words);
        } else if (columns) {
            split_blanks(line, words);
            const auto backend = columns->find(column_names[be_name]);
            const auto server = columns->find(column_names[srv_name]);
            const bool named =
                backend && server && *backend < words.size() && *server < words.size();
            const auto backend_name =
                named ? model::BackendName::parse(words[*backend]) : std::nullopt;
            const auto server_name =
                named ? model::ServerName::parse(words[*server]) : std::nullopt;
            if (backend_name && server_name &&
                servers.contains(model::SlotId(*backend_name, *server_name)))
                continue;
        }
        kept += line;
        kept += '\n';
    }
    return kept;
}

model::Result<model::Process> parse_info(std::string_view reply) {
    model::Process process;
    bool has_pid = false;
    bool has_uptime = false;
    while (!reply.empty()) {
        const std::string_view line = take_line(reply);
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos)
            continue;
        const std::string_view key = line.substr(0, colon);
        const std::string_view value = line.substr(colon + 2);
        if (key == "Version") {
            process.version = model::printable(value, 100);
            continue;
        }
        if (key != "Pid" && key != "Uptime_sec" && key != "Start_time_sec" && key != "Stopping")
            continue;
        const auto count = number(value);
        if (!count)
            return unreadable("show info", "\"" + model::printable(line) + "\" is no number");
        if (key == "Pid") {
            process.pid = *count;
            has_pid = true;
        } else if (key == "Uptime_sec") {
            process.uptime = *count;
            has_uptime = true;
        } else if (key == "Start_time_sec") {
            process.started = *count;
        } else {
            process.stopping = *count != 0;
        }
    }
    if (!has_pid || !has_uptime)
        return unreadable("show info", has_pid ? "no Uptime_sec" : "no Pid");
    return process;
}

}  // namespace slotd::haproxy
