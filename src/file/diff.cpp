// SPDX-License-Identifier: MIT
#include "slotd/file/diff.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace slotd::file {
namespace {

using Lines = std::vector<std::string_view>;

/// A line of the result: of both, of the first only ('-'), or of the second only ('+').
struct Edit {
    char sign;
    std::string_view line;
};

/// With their line ends, so that a last line without one differs from one with it.
Lines split(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1);
        lines.push_back(text.substr(0, end + 1));
        text.remove_prefix(end + 1);
    }
    return lines;
}

// Past so many differences the shortest way is not looked for: its memory grows with their square.
constexpr std::ptrdiff_t most_steps = 2000;

/// Myers' way through the grid of both texts: each step back is known from the furthest points of
/// the step before. Empty when it is longer than most_steps.
std::vector<Edit> shortest(const Lines& a, const Lines& b) {
    const auto n = static_cast<std::ptrdiff_t>(a.size());
    const auto m = static_cast<std::ptrdiff_t>(b.size());
    const std::ptrdiff_t most = std::min(n + m, most_steps);
    std::vector<std::ptrdiff_t> furthest(static_cast<std::size_t>(2 * most + 3), 0);
    const auto at = [most](auto& points, std::ptrdiff_t diagonal) -> auto& {
        return points[static_cast<std::size_t>(diagonal + most + 1)];
    };
    const auto line = [](const Lines& of, std::ptrdiff_t i) {
        return of[static_cast<std::size_t>(i)];
    };
    const auto comes_down = [&at](const auto& points, std::ptrdiff_t k, std::ptrdiff_t d) {
        return k == -d || (k != d && at(points, k - 1) < at(points, k + 1));
    };
    std::vector<std::vector<std::ptrdiff_t>> trace;
    std::ptrdiff_t steps = 0;
    for (bool found = false; !found; ++steps) {
        if (steps > most)
            return {};
        trace.push_back(furthest);
        for (std::ptrdiff_t k = -steps; k <= steps && !found; k += 2) {
            std::ptrdiff_t x =
                comes_down(furthest, k, steps) ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
            while (x < n && x - k < m && line(a, x) == line(b, x - k)) ++x;
            at(furthest, k) = x;
            found = x >= n && x - k >= m;
        }
    }
    std::vector<Edit> edits;
    std::ptrdiff_t x = n;
    std::ptrdiff_t y = m;
    for (std::ptrdiff_t d = steps - 1; d >= 0; --d) {
        const auto& points = trace[static_cast<std::size_t>(d)];
        const std::ptrdiff_t k = x - y;
        const bool down = comes_down(points, k, d);
        const std::ptrdiff_t from_k = down ? k + 1 : k - 1;
        const std::ptrdiff_t from_x = d == 0 ? 0 : at(points, from_k);
        const std::ptrdiff_t from_y = d == 0 ? 0 : from_x - from_k;
        while (x > from_x && y > from_y) {
            edits.push_back({' ', line(a, --x)});
            --y;
        }
        if (d == 0)
            break;
        edits.push_back(down ? Edit{'+', line(b, --y)} : Edit{'-', line(a, --x)});
    }
    std::reverse(edits.begin(), edits.end());
    return edits;
}

std::vector<Edit> edits_of(Lines a, Lines b) {
    std::vector<Edit> edits;
    std::size_t same = 0;
    while (same < a.size() && same < b.size() && a[same] == b[same])
        edits.push_back({' ', a[same++]});
    Lines tail;
    a.erase(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(same));
    b.erase(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(same));
    while (!a.empty() && !b.empty() && a.back() == b.back()) {
        tail.push_back(a.back());
        a.pop_back();
        b.pop_back();
    }
    std::vector<Edit> middle = shortest(a, b);
    if (middle.empty()) {
        for (const auto line : a) middle.push_back({'-', line});
        for (const auto line : b) middle.push_back({'+', line});
    }
    edits.insert(edits.end(), middle.begin(), middle.end());
    for (auto line = tail.rbegin(); line != tail.rend(); ++line) edits.push_back({' ', *line});
    return edits;
}

class Writer {
  public:
    explicit Writer(Colour colour) : colour_(colour) {}

    void put(std::string_view escape, std::string_view text) {
        const bool is_coloured = colour_ == Colour::yes && !escape.empty();
        const bool is_whole = text.ends_with('\n');
        if (is_whole)
            text.remove_suffix(1);
        if (is_coloured)
            text_ += escape;
        text_ += text;
        if (is_coloured)
            text_ += "\033[m";
        text_ += is_whole ? "\n" : "\n\\ No newline at end of file\n";
    }

    void put(const Edit& edit) {
        put(edit.sign == '-'   ? "\033[31m"
            : edit.sign == '+' ? "\033[32m"
                               : "",
            std::string(1, edit.sign) + std::string(edit.line));
    }

    std::string take() { return std::move(text_); }

  private:
    Colour colour_;
    std::string text_;
};

/// "12,3" as in a hunk's head: the first line, counted from one, and how many.
std::string range(std::size_t before, std::size_t count) {
    const std::string first = std::to_string(count == 0 ? before : before + 1);
    return count == 1 ? first : first + "," + std::to_string(count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after,
                         std::string_view before_name, std::string_view after_name, Colour colour) {
    constexpr std::size_t around = 3;
    const std::vector<Edit> edits = edits_of(split(before), split(after));
    const auto is_change = [](const Edit& edit) { return edit.sign != ' '; };
    if (std::none_of(edits.begin(), edits.end(), is_change))
        return {};
    Writer out(colour);
    out.put("\033[1m", "--- " + std::string(before_name) + "\n");
    out.put("\033[1m", "+++ " + std::string(after_name) + "\n");
    std::size_t line_a = 0;
    std::size_t line_b = 0;
    std::size_t i = 0;
    while (i < edits.size()) {
        // A hunk goes on while the next change is near enough for their surroundings to meet.
        std::size_t first = i;
        while (first < edits.size() && !is_change(edits[first])) ++first;
        if (first == edits.size())
            break;
        const std::size_t begin = first - std::min(around, first - i);
        std::size_t end = first;
        for (std::size_t j = first; j < edits.size() && j <= end + 2 * around + 1; ++j)
            if (is_change(edits[j]))
                end = j;
        end = std::min(end + around + 1, edits.size());
        line_a += begin - i;
        line_b += begin - i;
        std::size_t count_a = 0;
        std::size_t count_b = 0;
        for (std::size_t j = begin; j < end; ++j) {
            count_a += edits[j].sign != '+' ? 1 : 0;
            count_b += edits[j].sign != '-' ? 1 : 0;
        }
        out.put("\033[36m",
                "@@ -" + range(line_a, count_a) + " +" + range(line_b, count_b) + " @@\n");
        for (std::size_t j = begin; j < end; ++j) out.put(edits[j]);
        line_a += count_a;
        line_b += count_b;
        i = end;
    }
    return out.take();
}

}  // namespace slotd::file
