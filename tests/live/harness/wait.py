# SPDX-License-Identifier: MIT
"""Waiting for a condition with a deadline: the only way the tests synchronise."""

import time


class TimedOut(AssertionError):
    """What was waited for did not come; the text says what was there instead."""


def until(condition, what, seconds=5.0, pause=0.01):
    """Returns the first true value of `condition()`; its errors count as "not yet"."""
    deadline = time.monotonic() + seconds
    while True:
        last = None
        try:
            value = condition()
            if value:
                return value
            last = value
        except (OSError, LookupError, ValueError) as error:
            last = error
        if time.monotonic() > deadline:
            raise TimedOut(f"not within {seconds:g} s: {what}; at last: {last!r}")
        time.sleep(pause)
