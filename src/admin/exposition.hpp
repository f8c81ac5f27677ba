// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace slotd::admin {

/// Appends metrics in Prometheus' text format, a family after the other.
class Exposition {
  public:
    struct Label {
        std::string_view name;
        std::string_view value;  ///< empty: the label is left out, which means the same
    };
    using Labels = std::initializer_list<Label>;

    /// Makes room for so many bytes.
    void reserve(std::size_t bytes) { out_.reserve(bytes); }
    /// Begins a family; `type` is "counter" or "gauge".
    void family(std::string_view name, std::string_view type, std::string_view help);
    /// A sample of the family.
    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, double value);
    /// A whole family.
    void histogram(std::string_view name, std::string_view help, const sync::Histogram& of);

    std::string take() { return std::move(out_); }

  private:
    void name_and_labels(std::string_view suffix, Labels labels);
    void label_value(std::string_view value);
    void number(std::uint64_t value);

    std::string out_;
    std::string name_;
};

}  // namespace slotd::admin
