// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <algorithm>
#include <utility>

namespace slotd::app {
namespace {

// Characters, not bytes: a name may hold others than ASCII.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

}  // namespace

Table::Table(std::vector<std::string> head) {
    Line& line = lines_.emplace_back();
    for (std::string& text : head) line.cells.emplace_back(std::move(text));
}

void Table::add(std::vector<Cell> cells) {
    lines_.emplace_back().cells = std::move(cells);
}

void Table::note(std::string line) {
    lines_.back().notes.push_back(std::move(line));
}

std::string Table::text(std::string_view head_colour, std::string_view end) const {
    std::vector<std::size_t> widths(lines_.front().cells.size());
    for (const Line& line : lines_)
        for (std::size_t i = 0; i < line.cells.size(); ++i)
            widths[i] = std::max(widths[i], width(line.cells[i].text));
    std::string text;
    for (const Line& line : lines_) {
        const bool head = &line == &lines_.front();
        for (std::size_t i = 0; i < line.cells.size(); ++i) {
            const Cell& cell = line.cells[i];
            const std::string_view colour = head ? head_colour : cell.colour;
            text += colour;
            text += cell.text;
            if (!colour.empty())
                text += end;
            if (i + 1 < line.cells.size())
                text.append(widths[i] - width(cell.text) + 2, ' ');
        }
        text += '\n';
        for (const std::string& note : line.notes) text += "    " + note + '\n';
    }
    return text;
}

}  // namespace slotd::app
