// SPDX-License-Identifier: MIT
#include "slotd/app/token_file.hpp"

#include "slotd/model/text.hpp"
#include "slotd/sync/file.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace slotd::app {
namespace {

using model::Error;
using model::ErrorKind;

constexpr std::size_t most_of_a_token = 64U << 10;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// A pipe gives its text once, and would block when it is opened again.
bool is_pipe(const std::string& path) {
    struct stat about {};
    return ::stat(path.c_str(), &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISCHR(about.st_mode));
}

}  // namespace

bool is_token(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

model::Result<std::string> read_token(const std::string& path) {
    const std::string where = model::printable(path, 300);
    const auto text = sync::read_file(path, most_of_a_token);
    // Whoever writes it, an agent at boot for one, may just not have come to it.
    if (!text)
        return Error(ErrorKind::refused, "the token file can't be read: " + text.error().what,
                     where, "token_file or CONSUL_HTTP_TOKEN_FILE names it");
    std::string token(trimmed(*text));
    if (token.empty())
        return Error(ErrorKind::refused, "the token file is empty", where,
                     "it holds the token's secret ID");
    if (!is_token(token))
        return Error(ErrorKind::config, "the token has blanks or control characters", where,
                     "a token is one word, most often a UUID");
    return token;
}

TokenFile::TokenFile(std::string path, std::string token)
    : path_(std::move(path)), token_(std::move(token)) {}

const std::string& TokenFile::current() {
    if (is_pipe(path_))
        return token_;
    auto read = read_token(path_);
    const std::string where = model::printable(path_, 300);
    if (!read) {
        if (!in_trouble_ && on_trouble_) {
            Error error = read.error();
            error.what += "; the token from before is used on";
            on_trouble_(error);
        }
        in_trouble_ = true;
        return token_;
    }
    const bool is_other = *read != token_;
    if (on_news_ && is_other)
        on_news_(where + ": another token, used from now on");
    else if (on_news_ && in_trouble_)
        on_news_(where + ": the token can be read again; it is the one from before");
    in_trouble_ = false;
    token_ = *std::move(read);
    return token_;
}

void TokenFile::report(Trouble on_trouble, News on_news) {
    on_trouble_ = std::move(on_trouble);
    on_news_ = std::move(on_news);
}

}  // namespace slotd::app
