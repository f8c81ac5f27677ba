// SPDX-License-Identifier: MIT
#include "roff.hpp"

#include <algorithm>
#include <cctype>

namespace slotd::app {
namespace {

// Of a line of the source: mandoc minds longer ones.
constexpr std::size_t most_columns = 78;

// A "-" alone becomes a hyphen that nobody can paste into a shell, "'" a quotation mark; in prose
// that is what it is most often.
std::string escaped(char c, bool is_code) {
    switch (c) {
        case '\\':
            return "\\e";
        case '-':
            return "\\-";
        case '~':
            return "\\(ti";
        case '^':
            return "\\(ha";
        case '\'':
            return is_code ? "\\(aq" : "'";
        default:
            return {c};
    }
}

// "\\%" keeps a word that somebody may type from being hyphenated.
std::string in_font(std::string_view font, std::string_view text) {
    std::string roff = std::string(font) + "\\%";
    for (const char c : text) roff += c == ' ' ? std::string(" \\%") : escaped(c, true);
    return roff + "\\fR";
}

// A "." or "'" at the beginning would make the line a macro.
std::string as_line(std::string_view text) {
    const bool is_macro = text.starts_with('.') || text.starts_with('\'');
    return (is_macro ? "\\&" : "") + std::string(text) + "\n";
}

}  // namespace

std::string plain(std::string_view text) {
    std::string roff;
    while (!text.empty()) {
        const std::size_t code = std::min(text.find('`'), text.size());
        for (const char c : text.substr(0, code)) roff += escaped(c, false);
        text.remove_prefix(std::min(code + 1, text.size()));
        if (text.empty())
            break;
        const std::size_t end = std::min(text.find('`'), text.size());
        roff += bold(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return roff;
}

std::string sentence(std::string_view text) {
    std::string made(text);
    made.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(made.front())));
    return plain(made + ".");
}

std::string bold(std::string_view text) {
    return in_font("\\fB", text);
}

std::string italic(std::string_view text) {
    return in_font("\\fI", text);
}

ManPage::ManPage(std::string_view name, int section) {
    std::string title(name);
    std::transform(title.begin(), title.end(), title.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    // No date: the version says it, and the file is the same whenever it is built.
    text_ = ".\\\" Made by slotd-documents from the tables of slotd's parser.\n.TH " + title + " " +
            std::to_string(section) + " \"\" \"slotd " SLOTD_VERSION "\"\n";
}

void ManPage::section(std::string_view title) {
    text_ += ".SH " + plain(title) + "\n";
    is_begun_ = false;
}

void ManPage::subsection(const std::string& title) {
    text_ += ".SS " + title + "\n";
    is_begun_ = false;
}

void ManPage::begin_paragraph() {
    if (is_begun_)
        text_ += ".PP\n";
    is_begun_ = true;
}

void ManPage::paragraphs(const std::string& text) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find("\n\n", begin), text.size());
        begin_paragraph();
        fill(std::string_view(text).substr(begin, end - begin));
        begin = end + 2;
    }
}

void ManPage::synopsis(const std::string& command, const std::string& words) {
    text_ += ".SY " + command + "\n";
    fill(words);
    text_ += ".YS\n";
}

void ManPage::item(const std::string& tag, const std::string& text, const std::string& more) {
    is_begun_ = true;
    text_ += ".TP\n" + as_line(tag);
    fill(text);
    if (more.empty())
        return;
    text_ += ".br\n";
    fill(more);
}

void ManPage::code(std::string_view text) {
    begin_paragraph();
    text_ += ".RS 4\n.EX\n";
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string line;
        for (const char c : text.substr(0, end)) line += escaped(c, true);
        text_ += as_line(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    text_ += ".EE\n.RE\n";
}

void ManPage::fill(std::string_view text) {
    std::string line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.size() + 1 + word.size() > most_columns) {
            text_ += as_line(line);
            line.clear();
        }
        line += (line.empty() ? "" : " ") + std::string(word);
    }
    if (!line.empty())
        text_ += as_line(line);
}

}  // namespace slotd::app
