// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

namespace slotd::model {

/// Where an error came from; app turns it into an exit code in one place.
enum class ErrorKind {
    usage,        ///< the command line
    config,       ///< the configuration file or an environment variable
    unreachable,  ///< a socket or an address did not answer, or the connection broke
    timeout,      ///< no answer within the deadline; what was asked may or may not have happened
    refused,      ///< the other side answered, and said no
    unreadable,   ///< the other side answered something slotd does not understand
};

/// What went wrong outside slotd, for a person: each part is one line of printable text.
struct Error {
    ErrorKind kind;
    std::string what;   ///< what is wrong
    std::string where;  ///< file:line:column, option, socket, backend or server; may be empty
    std::string hint;   ///< what to do about it; may be empty

    /// Cold: what leads to an error is kept apart from the code that runs in every round.
    [[gnu::cold]] Error(ErrorKind kind_, std::string what_, std::string where_ = {},
                        std::string hint_ = {});
};

/// "where: what (hint)", without the parts that are empty.
std::string to_string(const Error& error);

}  // namespace slotd::model
