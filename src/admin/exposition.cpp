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
        for (const char c : label.value) {
            if (c == '\\' || c == '"')
                out_ += '\\';
            if (c == '\n')
                out_ += "\\n";
            else
                out_ += c;
        }
        out_ += '"';
        before = ',';
    }
    out_ += before == ',' ? "} " : " ";
}

void Exposition::sample(Labels labels, std::uint64_t value) {
    name_and_labels({}, labels);
    out_ += std::to_string(value);
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
        out_ += std::to_string(count);
        out_ += '\n';
    };
    for (std::size_t i = 0; i < sync::Histogram::bounds.size(); ++i)
        bucket(text_of(sync::Histogram::bounds[i]), of.at_most(i));
    bucket("+Inf", of.count());
    name_and_labels("_sum", {});
    out_ += text_of(of.sum());
    out_ += '\n';
    name_and_labels("_count", {});
    out_ += std::to_string(of.count());
    out_ += '\n';
}

}  // namespace slotd::admin
