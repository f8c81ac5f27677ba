// SPDX-License-Identifier: MIT
#include "exposition.hpp"

#include <array>
#include <charconv>

namespace slotd::admin {
namespace {

// The shortest text that is read as the same number; without an exponent, as others write the
// bounds of histograms.
std::string text_of(double number) {
    std::array<char, 400> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                       std::chars_format::fixed);
    return std::string(buffer.data(), written.ptr);
}

}  // namespace

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_ += "# HELP ";
    out_ += name;
    out_ += ' ';
    out_ += help;
    out_ += "\n# TYPE ";
    out_ += name;
    out_ += ' ';
    out_ += type;
    out_ += '\n';
}

void Exposition::name_and_labels(std::string_view suffix, Labels labels) {
    out_ += name_;
    out_ += suffix;
    char before = '{';
    for (const Label& label : labels) {
        if (label.value.empty())
            continue;
        out_ += before;
        out_ += label.name;
        out_ += "=\"";
        label_value(label.value);
        out_ += '"';
        before = ',';
    }
    out_ += before == ',' ? "} " : " ";
}

void Exposition::label_value(std::string_view value) {
    for (std::size_t at; (at = value.find_first_of("\\\"\n")) != std::string_view::npos;) {
        out_ += value.substr(0, at);
        out_ += '\\';
        out_ += value[at] == '\n' ? 'n' : value[at];
        value.remove_prefix(at + 1);
    }
    out_ += value;
}

void Exposition::number(std::uint64_t value) {
    std::array<char, 24> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out_.append(digits.data(), written.ptr);
}

void Exposition::sample(Labels labels, std::uint64_t value) {
    name_and_labels({}, labels);
    number(value);
    out_ += '\n';
}

void Exposition::sample(Labels labels, double value) {
    name_and_labels({}, labels);
    out_ += text_of(value);
    out_ += '\n';
}

void Exposition::histogram(std::string_view name, std::string_view help,
                           const sync::Histogram& of) {
    family(name, "histogram", help);
    const auto bucket = [&](std::string_view bound, std::uint64_t count) {
        name_and_labels("_bucket", {{"le", bound}});
        number(count);
        out_ += '\n';
    };
    for (std::size_t i = 0; i < sync::Histogram::bounds.size(); ++i)
        bucket(text_of(sync::Histogram::bounds[i]), of.at_most(i));
    bucket("+Inf", of.count());
    name_and_labels("_sum", {});
    out_ += text_of(of.sum());
    out_ += '\n';
    name_and_labels("_count", {});
    number(of.count());
    out_ += '\n';
}

}  // namespace slotd::admin
