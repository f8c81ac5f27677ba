# SPDX-License-Identifier: MIT
"""The codes of `slotd check`'s findings: each that the table has is said by something."""

import re

from program import TOP

CODE = re.compile(r"\bCode::(\w+)")


def test_every_code_is_that_of_a_finding():
    examining = "".join(path.read_text() for path in sorted((TOP / "src/app/check").glob("*.cpp")))
    table = (TOP / "src/app/tables/codes.cpp").read_text()
    rows = re.findall(r"CodeFact\{Code::(\w+),\s*\"([\w-]+)\"", table)
    assert {code.replace("_", "-") for code, _ in rows} == {name for _, name in rows}
    assert {code for code, _ in rows} == set(CODE.findall(examining))
