// SPDX-License-Identifier: MIT
// slotd-documents NAME prints one of slotd's documents. It is built and run, not installed.
#include "slotd/app/documents.hpp"

#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
    const std::string_view name = argc == 2 ? argv[1] : "";
    for (const slotd::app::Document& document : slotd::app::documents())
        if (document.name == name) {
            const std::string text = document.make(slotd::app::commands());
            return std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0 ? 1 : 0;
        }
    std::fputs("usage: slotd-documents NAME, with one of", stderr);
    for (const slotd::app::Document& document : slotd::app::documents())
        std::fprintf(stderr, " %s", std::string(document.name).c_str());
    std::fputs("\n", stderr);
    return 2;
}
