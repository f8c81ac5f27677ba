// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace slotd::app {

// What stands in a line of roff: `plain` makes a text such, with what it holds in `backticks` bold.
std::string plain(std::string_view text);
/// `plain`, of a sentence whose capital and full stop are left out in the tables.
std::string sentence(std::string_view text);
std::string bold(std::string_view text);
std::string italic(std::string_view text);

/// The source of a man page, in the macros of man(7). Every text is roff, see above.
class ManPage {
  public:
    ManPage(std::string_view name, int section);

    void section(std::string_view title);
    void subsection(const std::string& title);
    /// Filled by the formatter; an empty line begins another paragraph.
    void paragraphs(const std::string& text);
    /// A paragraph that hangs from its first words.
    void synopsis(const std::string& command, const std::string& words);
    /// A tag and what it means, indented. `more` begins a line of its own.
    void item(const std::string& tag, const std::string& text, const std::string& more = {});
    /// Line by line as it is; here the text is what shall be shown.
    void code(std::string_view text);

    const std::string& text() const { return text_; }

  private:
    void begin_paragraph();
    void fill(std::string_view text);

    std::string text_;
    bool is_begun_ = false;  ///< the section has a paragraph
};

}  // namespace slotd::app
