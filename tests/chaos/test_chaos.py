# SPDX-License-Identifier: MIT
"""Everything that fails, at random, while requests flow; an observer of its own asserts the invariants all along.

SLOTD_CHAOS_SEED replays a run's events, SLOTD_CHAOS_SECONDS makes it longer (tests/run takes 25 s a HAProxy).
"""

import os
import random
import time

from .script import Script
from .stage import Stage


def test_chaos(world, figure):
    seed = int(os.environ.get("SLOTD_CHAOS_SEED") or random.SystemRandom().randrange(1 << 31))
    seconds = float(os.environ.get("SLOTD_CHAOS_SECONDS") or 25)
    print(f"replay with SLOTD_CHAOS_SEED={seed} SLOTD_CHAOS_SECONDS={seconds:g}")
    script = Script(seed)
    stage = Stage(world, script.opening())
    end = time.monotonic() + seconds
    counts = {}
    try:
        # To the end of a calm phase.
        event = None
        while time.monotonic() < end or event.kind != "calm":
            event = script.next()
            counts[event.kind] = counts.get(event.kind, 0) + 1
            stage.do(event)
        stage.check_end()
        assert stage.observer.samples > seconds * 5
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}\nwhat happened:\n" + "\n".join(stage.events[-60:])) from None
    requests = sum(load.requests for load in stage.loads.values())
    figure(f"chaos with seed {seed}: {sum(counts.values())} events, {counts.get('calm', 0)} calm phases, "
           f"{len(stage.outages.over)} outages, {requests} requests, none failed without a cause")


def story(seed):
    script = Script(seed)
    return [*script.opening(), *(script.next() for _ in range(500))]


def test_a_seed_tells_the_same_story_again():
    assert story(7) == story(7)
    assert story(7) != story(8)


def test_every_kind_of_event_happens():
    events = story(7)
    events += [one for event in events for one in event.meanwhile]
    assert {event.kind for event in events} == {"come", "go", "fall_ill", "worsen", "recover", "change_weight", "bury",
                                                "kill", "reload", "stall", "freeze", "calm"}
    for kind in ("kill", "freeze"):
        assert {event.value for event in events if event.kind == kind} == {"slotd", "consul", "haproxy"}
