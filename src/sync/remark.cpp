// SPDX-License-Identifier: MIT
#include "slotd/sync/remark.hpp"

#include "slotd/model/text.hpp"

#include <string_view>

namespace slotd::sync {
namespace {

void add(std::vector<Remark>& remarks, const std::vector<model::Refused>& those,
         std::string_view what) {
    for (const model::Refused& one : those) {
        const std::string label = to_string(one.id);
        remarks.emplace_back(label, label + " " + std::string(what) + ": " + one.why);
    }
}

}  // namespace

std::vector<Remark> remarks_on(const model::Instances& instances) {
    std::vector<Remark> remarks;
    add(remarks, instances.refused, "can't be served");
    for (const model::Ignored& one : instances.ignored) {
        const std::string label = to_string(one.id);
        const std::string without =
            label + " is served without \"" + model::printable(one.what) + "\"";
        // Lines move whenever one before them comes or goes.
        remarks.emplace_back(
            label,
            without + " (" + one.where +
                "): a slot can't take that at run time; its place is the slot line in haproxy.cfg",
            without);
    }
    return remarks;
}

std::vector<Remark> remarks_on(const plan::Target& target) {
    std::vector<Remark> remarks;
    add(remarks, target.duplicates, "needs no slot of its own");
    add(remarks, target.clamped, "is served with another weight");
    return remarks;
}

}  // namespace slotd::sync
