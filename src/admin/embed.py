#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py PAGE.html PAGE.cpp: the page as a C++ constant, and the Content-Security-Policy it is served with.

`<script src="X">` and `<style src="X">` become what the file X beside the page holds. The policy names them by their
hashes, and lets the page load nothing but data of slotd itself. So attributes (style="", onclick="") do nothing: set
styles and listeners from the script.
"""

import base64
import hashlib
import pathlib
import re
import sys


def with_files(path):
    def content(match):
        return f"<{match[1]}>\n{(path.parent / match[2]).read_text(encoding='utf-8')}"

    return re.sub(r'<(script|style) src="([^"]+)">', content, path.read_text(encoding="utf-8"))


def policy(page):
    def hashes(element):
        texts = re.findall(rf"<{element}\b[^>]*>(.*?)</{element}>", page, re.DOTALL)
        found = ["'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'" for text in texts]
        return " ".join(found) or "'none'"

    return (f"default-src 'none'; script-src {hashes('script')}; style-src {hashes('style')}; connect-src 'self'; "
            "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


def literal(text):
    # Compilers need take no longer one than 65536 bytes, a raw string's end must not stand in the text, and "??=" is a
    # trigraph.
    lines = [f'"{escaped}"' for line in text.splitlines(keepends=True)
             for escaped in [re.sub(r'[\\"?]', r"\\\g<0>", line).replace("\n", "\\n")]]
    return "\n    ".join(lines)


def main():
    page = with_files(pathlib.Path(sys.argv[1]))
    pathlib.Path(sys.argv[2]).write_text(f"""// Made by embed.py.
#include "page.hpp"

namespace slotd::admin {{

const std::string_view page_html =
    {literal(page)};
const std::string_view page_policy =
    {literal(policy(page))};

}}  // namespace slotd::admin
""", encoding="utf-8")


if __name__ == "__main__":
    main()
