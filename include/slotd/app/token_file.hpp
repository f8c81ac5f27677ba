// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace slotd::app {

/// Whether `text` may stand in a header: visible ASCII without blanks. An empty one may.
bool is_token(std::string_view text);

/// The one word that a file holds, without the blanks and line ends around it. An error says the
/// path.
model::Result<std::string> read_token(const std::string& path);

/// The file of the ACL token, read again whenever the token is used, so that it may be replaced
/// while slotd runs.
class TokenFile {
  public:
    using Trouble = std::function<void(const model::Error&)>;
    using News = std::function<void(const std::string&)>;

    /// `token` is what was read from `path`.
    TokenFile(std::string path, std::string token);

    /// The file's token. While it can't be read, or holds none, the one from before.
    const std::string& current();

    /// Called when the file can't be used any more, and when it holds another token or can be used
    /// again: once each time.
    void report(Trouble on_trouble, News on_news);

  private:
    std::string path_;
    std::string token_;
    bool in_trouble_ = false;
    Trouble on_trouble_;
    News on_news_;
};

}  // namespace slotd::app
