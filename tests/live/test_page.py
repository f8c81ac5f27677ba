# SPDX-License-Identifier: MIT
"""The page of a running slotd in a headless Chromium. Its pictures are kept in build/pictures."""

import json
import os
import pathlib

import pytest

from .admin import Steered
from .harness.browser import Browser
from .harness.haproxy import Backend
from .harness.wait import until

PICTURES = pathlib.Path(__file__).resolve().parents[2] / "build/pictures"
WIDE = (1400, 900)
PHONE = (390, 844)


class Looked(Steered):
    """A slotd whose page is open."""

    def open(self):
        self.browser = self.world.keep(Browser(os.environ.get("CHROMIUM", "chromium")))
        self.browser.look_as(*WIDE)
        self.browser.open(f"http://127.0.0.1:{self.tcp.address}/")
        self.browser.wait("document.querySelector('#connection').textContent === 'live'")
        return self.browser

    def picture(self, name):
        self.browser.shoot(str(PICTURES / f"{name}.png"))

    def errors(self):
        """Of the console; that a request failed while nobody listened is the browser's to say."""
        self.browser.ask("0")
        return [error for error in self.browser.errors if "net::ERR_" not in error]


def card(name):
    """The backend's card, as JavaScript."""
    return f"[...document.querySelectorAll('.backend')].find((one) => one.querySelector('h3').textContent === '{name}')"


def cells(name, state):
    return f"{card(name)}.querySelectorAll('.cells .{state}').length"


def changes(text):
    return f"[...document.querySelectorAll('#changes li')].some((one) => one.innerText.includes({json.dumps(text)}))"


@pytest.fixture
def looked(world):
    return Looked(world, Backend("web", 8), Backend("api"), Backend("cart"), Backend("img"))


def fits(browser):
    return browser.ask("""[document.documentElement, ...document.querySelectorAll('.backend')]
        .every((one) => one.scrollWidth <= one.clientWidth)""")


@pytest.mark.one_haproxy
def test_who_sits_where_and_what_happens(looked):
    first, second, third = looked.register("web-1", "web-2", "web-3")
    looked.register("api-1", service="api")
    looked.register("cart-1", service="cart")
    looked.start()
    looked.haproxy.wait_serving("web", [first, second, third])
    browser = looked.open()
    browser.wait(f"{cells('web', 'ready')} === 3 && {cells('web', 'free')} === 5")
    browser.wait(changes("web-3 on ext takes a free slot"))

    # What comes is shown without a hand's doing.
    browser.ask("window.sameDocument = true")
    fourth, = looked.register("web-4")
    browser.wait(f"{cells('web', 'ready')} === 4")
    looked.consul.set_status("web-2", "critical")
    browser.wait(f"{cells('web', 'out')} === 1 && {cells('web', 'ready')} === 3")
    browser.wait("document.querySelector('#changes li').innerText.includes('web-2')")
    assert browser.ask("window.sameDocument")

    # By keyboard alone: to the cells of web, along them, and to the table.
    browser.ask(f"{card('web')}.querySelector('.cells').focus()")
    slots = list(looked.tcp.slots("web").values())
    for slot in slots[:4]:
        detail = browser.text(".detail:has(strong)")
        assert detail.startswith(f"{slot['name']} {slot['state']} {slot['instance']} on ext at 127.0."), detail
        assert f":{slot['port']}, weight 1, for " in detail
        browser.press("ArrowRight")
    browser.press("End")
    assert browser.text(".detail:has(strong)").startswith(slots[-1]["name"])
    browser.press("Tab", "Enter")
    browser.wait(f"{card('web')}.querySelectorAll('tbody tr').length === 8")
    assert "web-4" in browser.ask(f"{card('web')}.querySelector('tbody').innerText")
    looked.picture("wide")
    browser.look_as(*WIDE, dark=True)
    looked.picture("wide-dark")
    for dark in (False, True):
        browser.look_as(*PHONE, dark=dark, phone=True)
        assert fits(browser)
        looked.picture("phone-dark" if dark else "phone")
    assert looked.errors() == []


@pytest.mark.one_haproxy
def test_what_is_held_what_waits_and_what_is_paused(looked):
    looked.register(*[f"web-{n}" for n in range(10)])
    looked.register("api-1", service="api")
    looked.start()
    browser = looked.open()
    browser.wait("document.querySelector('#trouble').innerText.includes('2 instances without a slot: web-')")
    browser.wait(f"{card('cart')}.classList.contains('held')")
    assert "held for " in browser.text("#trouble") and "(empty)" in browser.text("#trouble")
    looked.unix.post("/v1/pause?backend=api&for=1h")
    looked.register("api-2", service="api")
    browser.wait("document.querySelector('#trouble').innerText.includes(': would send ')")
    browser.wait(f"{card('api')}.innerText.includes('paused until ')")
    browser.ask(f"{card('api')}.querySelector('details:not([hidden])').open = true")
    assert "set server api/s" in browser.ask(f"{card('api')}.innerText")
    # The same of several is told once.
    assert browser.ask("[...document.querySelectorAll('#trouble > ul > li')].map((one) => one.innerText.split('\\n')[0])") == [
        "api", "cart, img", "web"]
    assert browser.ask("document.title") == "(4) slotd"
    looked.picture("trouble")
    looked.unix.post("/v1/resume")
    browser.wait(f"!{card('api')}.innerText.includes('paused')")
    browser.wait(f"{card('api')}.classList.length === 1")

    # The filter finds backends and instances; "/" gets there.
    browser.ask("document.activeElement.blur()")
    browser.press("/", *"api-2")
    browser.wait("[...document.querySelectorAll('.backend:not([hidden]) h3')].map((one) => one.textContent).join() === 'api'")
    assert browser.ask("document.querySelectorAll('.cell.found').length") == 1
    browser.press("Escape")
    browser.wait("document.querySelectorAll('.backend:not([hidden])').length === 4")
    browser.ask("document.querySelector('#only-trouble').click()")
    browser.wait(f"{card('api')}.hidden && !{card('cart')}.hidden")
    assert looked.errors() == []


@pytest.mark.one_haproxy
def test_texts_of_consul_are_texts(looked):
    evil = "<img src=x onerror=document.title='evil'>"
    origin = looked.world.origins.start("evil")
    looked.consul.register("web", evil, origin.host, origin.port)
    looked.start()
    browser = looked.open()
    browser.wait(f"{cells('web', 'ready')} === 1")
    browser.wait(changes("<img src=x"))
    browser.ask(f"{card('web')}.querySelector('.cells').focus()")
    browser.ask(f"{card('web')}.querySelector('details:not([hidden])').open = true")
    browser.wait(f"{card('web')}.innerText.includes({json.dumps(evil)})")
    assert browser.ask("document.querySelectorAll('img').length") == 0
    assert "evil" not in browser.ask("document.title")
    assert looked.errors() == []


@pytest.mark.one_haproxy
def test_it_says_that_slotd_is_lost_since_when_and_comes_back_by_itself(looked):
    looked.register("web-1")
    looked.start()
    browser = looked.open()
    browser.wait(f"{cells('web', 'ready')} === 1")
    browser.ask("window.sameDocument = true")
    looked.slotd.stop()
    browser.wait("!document.querySelector('#lost').hidden", seconds=20)
    said = browser.text("#lost")
    assert said.startswith("slotd does not answer: what is shown here is as it was at ") and said.endswith("by itself.")
    assert browser.ask(f"{cells('web', 'ready')} === 1 && document.title === 'lost slotd'")
    looked.picture("lost")
    looked.register("web-2")
    looked.start()
    browser.wait("document.querySelector('#lost').hidden", seconds=20)
    browser.wait(f"{cells('web', 'ready')} === 2")
    browser.wait(changes("slotd was started again"), seconds=20)
    browser.wait(changes("web-2 on ext takes a free slot"))
    looked.register("web-3")
    browser.wait("document.querySelector('#changes li').innerText.includes('web-3')")
    assert browser.ask("window.sameDocument")
    assert looked.errors() == []


class Many(Looked):
    """100 backends of 50 slots, 40 of them filled from KV lists."""

    def __init__(self, world):
        self.names = [f"b{n:03}" for n in range(100)]
        super().__init__(world, *[Backend(name, 50, host=f"{name}.kv.slots.invalid", slot_options="") for name in self.names])
        for name in self.names:
            self.list(name, 40)

    def list(self, name, count):
        self.consul.put(f"/v1/kv/lb/{name}", [{"name": f"{name}-{n}", "address": f"10.{self.names.index(name)}.0.{1 + n}",
                                               "port": 8080} for n in range(count)])

    def config(self, **options):
        return super().config(**options) + "[kv]\n" + "".join(f'{name} = "lb/{name}"\n' for name in self.names)


@pytest.mark.one_haproxy
def test_a_hundred_backends_of_fifty_slots_stay_fluid(world, figure):
    many = Many(world).start()
    until(lambda: sum(backend["slots"]["ready"] for backend in many.tcp.status()["backends"]) == 4000, "all is filled", 60)
    browser = many.open()
    browser.wait("document.querySelectorAll('.backend .cell.ready').length === 4000")
    assert browser.ask("document.querySelectorAll('.backend .cell').length") == 5000
    # However many come, the list of changes stays as long as it is then.
    browser.wait("document.querySelectorAll('#changes li').length === 200")
    many.picture("many")

    nodes = "document.querySelectorAll('*').length"
    before = browser.ask(nodes)
    browser.ask("""
        window.touched = 0;
        new MutationObserver((all) => { touched += all.filter(({target}) => target.matches?.('.cell')).length; })
            .observe(document.querySelector('#backends'), {subtree: true, attributes: true});
        window.looks = 0;
        const show = overview.show;
        overview.show = function (status) { ++looks; return show.call(this, status); };
        0""")
    many.list(many.names[7], 39)
    browser.wait(f"{cells(many.names[7], 'ready')} === 39")
    browser.wait(changes(f"{many.names[7]}/"))
    # One slot changed, so one cell is worked on: its class, its label, and that it stands out for a while.
    assert 1 <= browser.ask("touched") <= 10
    browser.wait("looks >= 4", seconds=60)
    assert browser.ask(nodes) <= before + 10
    took = browser.ask("""fetch('v1/status').then((answer) => answer.json()).then((status) => {
        const took = [];
        for (let n = 0; n < 20; ++n) {
            const began = performance.now();
            show.call(overview, status);
            document.body.offsetHeight;
            took.push(performance.now() - began);
        }
        return took.sort((a, b) => a - b)[10];
    })""")
    figure(f"the page takes a status document of 5000 slots in {took:.1f} ms (p50 of 20)")
    assert many.errors() == []
