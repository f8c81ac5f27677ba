// SPDX-License-Identifier: MIT
#include "leave.hpp"

#include <chrono>
#include <utility>

namespace slotd::plan {
namespace {

using model::Admin;
using model::Reason;
using model::Step;
using model::Why;

Step set_state(const Slot& slot, Admin to, Reason reason) {
    return Step(model::Command(slot.server.id, model::SetState{to}), std::move(reason));
}

std::string seconds(std::chrono::milliseconds time) {
    if (time.count() % 1000 == 0)
        return std::to_string(time.count() / 1000) + "s";
    return std::to_string(time.count()) + "ms";
}

}  // namespace

Leaving rest(const Slot& slot, Reason reason) {
    Leaving leaving;
    if (slot.server.admin != Admin::maint)
        leaving.step = set_state(slot, Admin::maint, std::move(reason));
    return leaving;
}

Leaving retire(const Slot& slot, const Policy& policy, const History& history, model::Time now,
               Reason reason) {
    if (policy.drain.count() == 0 || slot.server.admin == Admin::maint)
        return rest(slot, std::move(reason));

    Leaving leaving;
    if (slot.server.admin == Admin::ready) {
        leaving.step = set_state(slot, Admin::drain, std::move(reason));
        leaving.watches_stat = true;
        return leaving;
    }
    const auto since = history.out_since.find(slot.server.id.server);
    const model::Time began = since == history.out_since.end() ? now : since->second;
    if (slot.sessions == 0U) {
        reason.why = Why::drained;
        reason.text += "; no session is left on it";
        leaving.step = set_state(slot, Admin::maint, std::move(reason));
    } else if (now - began >= policy.drain) {
        reason.why = Why::drain_over;
        reason.text += "; its time to drain (" + seconds(policy.drain) + ") is over";
        if (slot.sessions)
            reason.text += " with " + std::to_string(*slot.sessions) + " sessions left";
        leaving.step = set_state(slot, Admin::maint, std::move(reason));
    } else {
        leaving.wake = began + policy.drain;
        leaving.watches_stat = true;
    }
    return leaving;
}

}  // namespace slotd::plan
