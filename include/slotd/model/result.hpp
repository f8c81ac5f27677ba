// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/error.hpp"

#include <cassert>
#include <utility>
#include <variant>

namespace slotd::model {

/// A value, or why there is none. The names are those of std::expected, which g++ 12 has only in
/// C++23.
template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return content_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & {
        assert(has_value());
        return *std::get_if<0>(&content_);
    }
    const T& value() const& {
        assert(has_value());
        return *std::get_if<0>(&content_);
    }
    T&& value() && {
        assert(has_value());
        return std::move(*std::get_if<0>(&content_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& {
        assert(!has_value());
        return *std::get_if<1>(&content_);
    }
    Error&& error() && {
        assert(!has_value());
        return std::move(*std::get_if<1>(&content_));
    }

  private:
    std::variant<T, Error> content_;
};

/// Success without a value.
template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return content_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    const Error& error() const {
        assert(!has_value());
        return *std::get_if<1>(&content_);
    }

  private:
    std::variant<std::monostate, Error> content_;
};

}  // namespace slotd::model
