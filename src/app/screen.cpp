// SPDX-License-Identifier: MIT
#include "slotd/app/screen.hpp"

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace slotd::app {
namespace {

// The terminal's own screen comes back as it was when this one is left.
constexpr const char* own_screen = "\x1b[?1049h";
constexpr const char* former_screen = "\x1b[?1049l";
constexpr const char* to_top = "\x1b[H";
constexpr const char* clear_line_end = "\x1b[K";
constexpr const char* clear_below = "\x1b[J";
constexpr std::string_view no_colour = "\x1b[0m";

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

std::string cut(std::string_view line, std::size_t columns) {
    std::string made;
    std::size_t shown = 0;
    bool has_colour = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\x1b') {
            const std::size_t end = std::min(line.find('m', i), line.size() - 1);
            made += line.substr(i, end + 1 - i);
            i = end;
            has_colour = true;
            continue;
        }
        if (begins_character(line[i]) && ++shown > columns)
            return has_colour ? made += no_colour : made;
        made += line[i];
    }
    return made;
}

ScreenSize terminal_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return {24, 80};
    return {size.ws_row, size.ws_col};
}

std::string with_line_ends_cleared(const std::string& text) {
    std::string made = to_top;
    for (const char c : text) {
        if (c == '\n')
            made += clear_line_end;
        made += c;
    }
    return made + clear_below;
}

}  // namespace

std::string fitted(std::string_view text, ScreenSize size) {
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    // The last line of a screen stays empty: a line end on it would scroll.
    const std::size_t room = std::max<std::size_t>(size.lines, 2) - 1;
    const std::size_t whole = lines > room ? room - 1 : lines;
    std::string made;
    for (std::size_t i = 0; i < whole; ++i) {
        const std::size_t end = text.find('\n');
        made += cut(text.substr(0, end), size.columns) + "\n";
        text.remove_prefix(end + 1);
    }
    if (whole < lines)
        made += cut("... and " + std::to_string(lines - whole) + " more lines", size.columns) + "\n";
    return made;
}

Screen::Screen() : is_terminal_(::isatty(STDOUT_FILENO) == 1) {
    if (is_terminal_)
        std::fputs(own_screen, stdout);
}

bool Screen::draw(const std::string& text) {
    std::fputs((is_terminal_ ? with_line_ends_cleared(fitted(text, terminal_size())) : text).c_str(),
               stdout);
    return std::fflush(stdout) == 0;
}

void Screen::leave() {
    if (!is_terminal_ || is_left_)
        return;
    is_left_ = true;
    std::fputs(former_screen, stdout);
    std::fflush(stdout);
}

}  // namespace slotd::app
