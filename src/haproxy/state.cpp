// SPDX-License-Identifier: MIT
#include "slotd/haproxy/state.hpp"

#include "reading.hpp"
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
    needed_columns,
    srv_iweight = needed_columns,
    srv_check_state,
    column_count
};
constexpr std::array<std::string_view, column_count> column_names{
    "be_id",    "be_name",         "srv_id",      "srv_name",
    "srv_addr", "srv_admin_state", "srv_uweight", "srv_time_since_last_change",
    "srv_port", "srv_fqdn",        "srv_iweight", "srv_check_state"};

/// A line's words by column; empty where it has none.
using Row = std::array<std::string_view, column_count>;

std::string_view take_word(std::string_view& line) {
    const auto begin = std::find_if(line.begin(), line.end(), [](char c) { return c != ' '; });
    const auto end = std::find(begin, line.end(), ' ');
    const std::string_view word(begin, end);
    line = std::string_view(end, line.end());
    return word;
}

/// The table's head: which word of a line belongs to which column. Only half of a line's words are
/// wanted, and these lines are the bulk of what is read in a round.
class Head {
  public:
    explicit Head(std::string_view line) {
        columns_.reserve(static_cast<std::size_t>(std::count(line.begin(), line.end(), ' ')) + 1);
        for (std::string_view name = take_word(line); !name.empty(); name = take_word(line)) {
            const auto found = std::find(column_names.begin(), column_names.end(), name);
            columns_.push_back(static_cast<Column>(found - column_names.begin()));
        }
        while (!columns_.empty() && columns_.back() == column_count) columns_.pop_back();
    }

    bool has(Column column) const {
        return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
    }

    Row row_of(std::string_view line) const {
        Row row;
        for (const Column column : columns_) {
            const std::string_view word = take_word(line);
            if (column != column_count)
                row[column] = word;
        }
        return row;
    }

  private:
    std::vector<Column> columns_;  ///< by the place of the word; column_count: not wanted
};

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

// Adds the server of a line.
std::optional<Error> read_server(std::string_view line, const Row& row,
                                 std::vector<Server>& servers) {
    for (std::size_t c = 0; c < needed_columns; ++c)
        if (row[c].empty())
            return unreadable_line(line, "no " + std::string(column_names[c]));

    auto backend = model::BackendName::parse(row[be_name]);
    auto name = model::ServerName::parse(row[srv_name]);
    if (!backend || !name)
        return unreadable_line(line, "a name with strange characters");
    std::array<std::int64_t, column_count> numbers{};
    for (const Column column :
         {be_id, srv_id, srv_admin_state, srv_uweight, srv_time_since_last_change, srv_port}) {
        const auto value = number(row[column]);
        // 3.0 says -1 of a change that another of its threads makes while it answers.
        if (!value || (*value < 0 && column != srv_time_since_last_change))
            return unreadable_line(line, std::string(column_names[column]) + " is no number");
        numbers[column] = std::max<std::int64_t>(*value, 0);
    }

    Server& server = servers.emplace_back(model::SlotId(*std::move(backend), *std::move(name)));
    server.backend_id = static_cast<std::uint32_t>(numbers[be_id]);
    server.server_id = static_cast<std::uint32_t>(numbers[srv_id]);
    server.backend_disabled = server.server_id == 0;
    server.admin = admin_of(numbers[srv_admin_state]);
    server.line_disabled = (numbers[srv_admin_state] & line_disabled_bit) != 0;
    server.weight = model::Weight::clamped(numbers[srv_uweight]);
    server.line_weight = model::Weight::clamped(number(row[srv_iweight]).value_or(1));
    server.since_change = std::chrono::seconds(numbers[srv_time_since_last_change]);
    server.has_check = (number(row[srv_check_state]).value_or(0) & check_configured_bit) != 0;
    if (row[srv_fqdn] != "-")
        server.host_name = row[srv_fqdn];

    server.lacks_address = row[srv_addr] == "-";

    // "-" also stands for a UNIX socket, which no slot has.
    const auto address = model::Address::parse(row[srv_addr]);
    const auto port = model::Port::from(numbers[srv_port]);
    if (address && port)
        server.at = model::AddressPort(*address, *port);
    return std::nullopt;
}

// HAProxy numbers the servers from 1 on, but none of a backend with `disabled` (2.6 to 3.0): there
// only those have a number whose lines give them one by `id`.
void mark_disabled_backends(std::vector<Server>& servers) {
    std::set<std::uint32_t> disabled;
    for (const Server& server : servers)
        if (server.backend_disabled)
            disabled.insert(server.backend_id);
    if (disabled.empty())
        return;
    for (Server& server : servers) server.backend_disabled = disabled.contains(server.backend_id);
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
    if (!line.starts_with("# "))
        return unreadable_line(line, "no columns");
    const Head head(line.substr(2));
    for (std::size_t c = 0; c < needed_columns; ++c)
        if (!head.has(static_cast<Column>(c)))
            return unreadable_line(line, "no column " + std::string(column_names[c]));

    std::vector<Server> servers;
    servers.reserve(static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')));
    while (!rest.empty()) {
        const bool whole = rest.find('\n') != std::string_view::npos;
        line = take_line(rest);
        if (line.empty())
            continue;
        if (!whole)
            return unreadable_line(line, "no end");
        if (auto error = read_server(line, head.row_of(line), servers))
            return *std::move(error);
    }
    mark_disabled_backends(servers);
    return servers;
}

std::string without_servers(std::string_view reply, const std::set<model::SlotId>& servers) {
    std::string kept;
    kept.reserve(reply.size());
    std::optional<Head> head;
    while (!reply.empty()) {
        const std::string_view line = take_line(reply);
        if (!head && line.starts_with("# ")) {
            head.emplace(line.substr(2));
        } else if (head) {
            const Row row = head->row_of(line);
            const auto backend = model::BackendName::parse(row[be_name]);
            const auto server = model::ServerName::parse(row[srv_name]);
            if (backend && server && servers.contains(model::SlotId(*backend, *server)))
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
