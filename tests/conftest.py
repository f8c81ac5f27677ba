# SPDX-License-Identifier: MIT
"""For all tests: tells tests/run which failed."""

import os


def pytest_terminal_summary(terminalreporter):
    path = os.environ.get("SLOTD_FAILED")
    if path:
        reports = terminalreporter.stats.get("failed", []) + terminalreporter.stats.get("error", [])
        with open(path, "w") as file:
            file.writelines(f"tests/{report.nodeid}\n" for report in reports)
