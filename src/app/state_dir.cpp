// SPDX-License-Identifier: MIT
#include "state_dir.hpp"

#include "slotd/model/text.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace slotd::app {
namespace {

model::Error unusable(const std::string& path, const std::string& why, model::ErrorKind kind) {
    return model::Error(kind, "slotd can't keep files here: " + why,
                        "[admin] state_dir \"" + model::printable(path) + "\"",
                        "create the folder for slotd's user, or let the service manager "
                        "(StateDirectory)");
}

}  // namespace

model::Result<void> check_state_dir(const std::string& path) {
    if (path.empty())
        return {};
    struct stat found {};
    // What is not there, or not for slotd, may be so in a moment: at boot it may not be mounted
    // yet.
    if (::stat(path.c_str(), &found) != 0)
        return unusable(path, std::generic_category().message(errno), model::ErrorKind::refused);
    if (!S_ISDIR(found.st_mode))
        return unusable(path, "it is no folder", model::ErrorKind::config);
    if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0)
        return unusable(path, std::generic_category().message(errno), model::ErrorKind::refused);
    return {};
}

std::string in_state_dir(const std::string& path, const std::string& name) {
    return path.empty() ? path : path + "/" + name;
}

}  // namespace slotd::app
