// SPDX-License-Identifier: MIT
// The value of a KV key that holds a list of servers.
#include "slotd/catalog/server_list.hpp"

#include "fuzz.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/text.hpp"

#include <set>
#include <string>

using namespace slotd;

namespace {

// As slotd itself would write the list: what was read of it must say the same again.
std::string rewrite(const model::Instances& instances) {
    std::string text;
    for (const model::Instance& one : instances.list)
        text += "server " + one.id.id + " " + to_string(one.at) + " weight " +
                std::to_string(one.weight_passing) + (one.maintenance ? " disabled\n" : "\n");
    return text;
}

}  // namespace

void fuzz(std::string_view input) {
    for (const std::string_view line : catalog::split_lines(input))
        check(line.find('\n') == std::string_view::npos, "a line is one line");
    const auto list = catalog::parse_server_list(input);
    if (!list) {
        check(is_one_line(to_string(list.error())), "the error can be logged");
        return;
    }
    std::set<std::string> names;
    for (const model::Instance& one : list->list) {
        check(one.id.is_of_key() && model::is_haproxy_name(one.id.id), "a name is HAProxy's");
        check(names.insert(one.id.id).second, "no name comes twice");
        check(model::why_unusable(one.at.address).empty(), "what is listed can be served");
        check(one.weight_passing >= 0, "a weight is no less than 0");
    }
    for (const model::Refused& refused : list->refused)
        check(is_one_line(to_string(refused.id) + refused.why), "a refusal can be logged");
    const auto again = catalog::parse_server_list(rewrite(*list));
    check(again && again->list == list->list, "what was read can be written and read again");
}
