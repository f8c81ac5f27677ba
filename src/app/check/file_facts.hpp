// SPDX-License-Identifier: MIT
#pragma once

#include "../commands/session.hpp"
#include "slotd/app/check/facts.hpp"

namespace slotd::app {

/// `setup` has a managed file. Without `asks_consul` it is not rendered. HAProxy's check needs the
/// text in a file of its own, beside the managed one, for as long as it runs.
FileFacts file_facts(Session& session, const Setup& setup, bool asks_consul);

}  // namespace slotd::app
