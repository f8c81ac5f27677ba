// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/instance.hpp"
#include "slotd/plan/target.hpp"

#include <string>
#include <utility>
#include <vector>

namespace slotd::sync {

/// What is to be said about an instance that is not served, or not as it is registered.
struct Remark {
    std::string instance;  ///< printable label
    std::string text;      ///< "web-1 on n1 can't be served: port 0 is not between 1 and 65535"
    std::string key;       ///< it is the same remark as one that has the same, whatever its text

    Remark(std::string instance_, std::string text_, std::string key_)
        : instance(std::move(instance_)), text(std::move(text_)), key(std::move(key_)) {}
    Remark(std::string instance_, std::string text_)
        : instance(std::move(instance_)), text(std::move(text_)), key(text) {}
};

std::vector<Remark> remarks_on(const model::Instances& instances);
std::vector<Remark> remarks_on(const plan::Target& target);

}  // namespace slotd::sync
