// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slotd::app {

struct ScreenSize {
    std::size_t lines;
    std::size_t columns;
};

/// `text` as it fits: longer lines are cut, colours are not counted, and when there are too many
/// lines the last one says how many are not shown.
std::string fitted(std::string_view text, ScreenSize size);

/// Standard output, on which a text takes the place of the one before. On a terminal that is in
/// place, on a screen of its own; elsewhere one comes after the other.
class Screen {
  public:
    Screen();
    ~Screen() { leave(); }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// False when nobody reads it any more.
    bool draw(const std::string& text);
    /// Puts the terminal back as it was.
    void leave();

  private:
    bool is_terminal_;
    bool is_left_ = false;
};

}  // namespace slotd::app
