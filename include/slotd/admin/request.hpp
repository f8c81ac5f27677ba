// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::admin {

/// The head of an HTTP/1.0 or 1.1 message; one with a body is refused.
struct Request {
    using Fields = std::vector<std::pair<std::string, std::string>>;

    std::string method;
    std::string path;  ///< as it came, without the query: "/v1/status"
    Fields query;      ///< decoded, no name twice
    Fields headers;    ///< names in lower case
    bool is_1_0 = false;

    Request() = default;

    /// The first header of this name (in lower case), or null.
    const std::string* header(std::string_view name) const;
    /// The value of this name in the query, or null.
    const std::string* parameter(std::string_view name) const;
};

/// Why a request gets an error.
struct Refusal {
    int status = 400;
    std::string why;  ///< a sentence's part, printable

    Refusal(int status_, std::string why_) : status(status_), why(std::move(why_)) {}
};

/// Reads a request's head as its bytes come. Strict: what proxies and servers have read in different
/// ways (bare line ends, folded headers, blanks before a colon, several lengths) is refused.
class RequestParser {
  public:
    static constexpr std::size_t most_head = 8192;
    static constexpr std::size_t most_first_line = 4096;

    enum class State { more, whole, refused };

    /// Takes bytes until the head is whole or refused; what comes after that is left alone. The
    /// outcome does not depend on how the bytes are cut.
    State feed(std::string_view bytes);

    State state() const { return state_; }
    /// Whether anything came at all.
    bool has_begun() const { return size_ > 0; }
    /// Of a whole head.
    const Request& request() const { return request_; }
    /// Of a refused one.
    const Refusal& refusal() const { return *refusal_; }

  private:
    void take(char c);
    void end_line();
    void take_first_line();
    void take_header();
    void finish();
    void refuse(int status, std::string why);

    State state_ = State::more;
    Request request_;
    std::optional<Refusal> refusal_;
    std::string line_;
    std::size_t size_ = 0;
    bool after_cr_ = false;
    bool in_first_line_ = true;
};

}  // namespace slotd::admin
