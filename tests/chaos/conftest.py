# SPDX-License-Identifier: MIT
"""The fixtures and hooks of the live tests."""

from live.conftest import (figure, haproxy_binary, haproxy_version, pytest_configure,  # noqa: F401
                           pytest_generate_tests, pytest_runtest_makereport, world)
