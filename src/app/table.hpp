// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slotd::app {

/// Lines of cells in columns as wide as their widest cell.
class Table {
  public:
    explicit Table(std::vector<std::string> head);

    struct Cell {
        std::string text;
        std::string_view colour;  ///< put before it; empty: none

        Cell(std::string text_, std::string_view colour_ = {})
            : text(std::move(text_)), colour(colour_) {}
        Cell(const char* text_) : text(text_) {}
    };
    void add(std::vector<Cell> cells);
    /// A line below the last one that belongs to it and keeps to no column.
    void note(std::string line);

    /// `head_colour` is for the first line, `end` ends every colour.
    std::string text(std::string_view head_colour, std::string_view end) const;

  private:
    struct Line {
        std::vector<Cell> cells;
        std::vector<std::string> notes;
    };
    std::vector<Line> lines_;
};

}  // namespace slotd::app
