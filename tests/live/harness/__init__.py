# SPDX-License-Identifier: MIT
"""Real Consul, real HAProxy, slotd, origin servers and a load on loopback, for tests and the quickstart.

Only the standard library is used here, so that the quickstart runs with nothing but python3.
"""
