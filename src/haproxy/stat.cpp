// SPDX-License-Identifier: MIT
#include "reading.hpp"
#include "slotd/haproxy/state.hpp"
#include "slotd/model/text.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

// `show stat`: a line "# " with the columns, then CSV; only texts are ever quoted, with "" for a
// quote.

namespace slotd::haproxy {
namespace {

constexpr std::string_view show_stat = "show stat";

enum Field {
    pxname,
    svname,
    qcur,
    scur,
    status,
    weight,
    lastchg,
    check_status,
    needed_count,
    check_rise = needed_count,
    check_fall,
    check_health,
    algo,
    cookie,
    field_count
};
constexpr std::array<std::string_view, field_count> field_names{
    "pxname",       "svname",     "qcur",       "scur",         "status", "weight", "lastchg",
    "check_status", "check_rise", "check_fall", "check_health", "algo",   "cookie"};
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

/// Where the columns of a table are, by name.
class Columns {
  public:
    explicit Columns(std::vector<std::string_view> names) : names_(std::move(names)) {}

    std::optional<std::size_t> find(std::string_view name) const {
        for (std::size_t i = 0; i < names_.size(); ++i)
            if (names_[i] == name)
                return i;
        return std::nullopt;
    }

  private:
    std::vector<std::string_view> names_;
};

std::vector<std::string> split_csv(std::string_view line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"')
            fields.back() += line[++i];
        else if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            fields.emplace_back();
        else
            fields.back() += c;
    }
    return fields;
}

}  // namespace

model::Result<std::vector<ServerStat>> parse_stat(std::string_view reply) {
    std::string_view line = take_line(reply);
    if (!line.starts_with("# "))
        return unreadable(show_stat, "no columns in \"" + model::printable(line) + "\"");
    const std::vector<std::string> header = split_csv(line.substr(2));
    const Columns columns(std::vector<std::string_view>(header.begin(), header.end()));
    std::array<std::size_t, field_count> places{};
    for (std::size_t f = 0; f < field_count; ++f) {
        const auto place = columns.find(field_names[f]);
        if (!place && f < needed_count)
            return unreadable(show_stat, "no column " + std::string(field_names[f]));
        places[f] = place.value_or(nowhere);
    }

    std::vector<ServerStat> stats;
    while (!reply.empty()) {
        line = take_line(reply);
        if (line.empty())
            continue;
        std::vector<std::string> fields = split_csv(line);
        ServerStat stat;
        const std::pair<Field, std::uint64_t ServerStat::*> numbers[] = {
            {scur, &ServerStat::sessions},
            {qcur, &ServerStat::queued},
            {weight, &ServerStat::weight},
            {lastchg, &ServerStat::last_change},
            {check_rise, &ServerStat::check_rise},
            {check_fall, &ServerStat::check_fall},
            {check_health, &ServerStat::check_health}};
        for (std::size_t f = 0; f < needed_count; ++f)
            if (places[f] >= fields.size())
                return unreadable(show_stat, "no " + std::string(field_names[f]) +
                                                 " in the line \"" + model::printable(line) + "\"");
        for (const auto& [field, member] : numbers) {
            // Empty without `check` on the server's line.
            if (field >= needed_count &&
                (places[field] >= fields.size() || fields[places[field]].empty()))
                continue;
            const auto count = number(fields[places[field]]);
            if (!count || *count < 0)
                return unreadable(show_stat, std::string(field_names[field]) +
                                                 " is no number in the line \"" +
                                                 model::printable(line) + "\"");
            stat.*member = static_cast<std::uint64_t>(*count);
        }
        stat.backend = std::move(fields[places[pxname]]);
        stat.server = std::move(fields[places[svname]]);
        stat.status = std::move(fields[places[status]]);
        stat.check_status = std::move(fields[places[check_status]]);
        const std::pair<Field, std::string ServerStat::*> texts[] = {{algo, &ServerStat::algorithm},
                                                                     {cookie, &ServerStat::cookie}};
        for (const auto& [field, member] : texts)
            if (places[field] < fields.size())
                stat.*member = std::move(fields[places[field]]);
        stats.push_back(std::move(stat));
    }
    return stats;
}

}  // namespace slotd::haproxy
