// SPDX-License-Identifier: MIT
// The status document as a whole: slotd itself, the HAProxys, the backends, and what needs attention.
"use strict";

const overview = {
    backends: new Map(),
    troubleKey: "",

    show(status) {
        clock.set(status.now);
        byId("about").replaceChildren(`${status.version}, up `, ageElement(status.started), status.ready ? ", ready" : ", not ready");
        this.showHaproxys(status.haproxy);
        Cells.flashes = 0;
        this.showBackends(status);
        this.showTrouble(status);
        this.showSums();
        this.filter();
        keepAges();
    },

    showHaproxys(haproxys) {
        byId("haproxys").replaceChildren(...haproxys.map(({up, version, pid, socket}) => make("li", {},
            up ? `HAProxy ${version}, pid ${pid} on ${socket}`
               : make("span", {className: "bad", textContent: `no HAProxy answers on ${socket}`}))));
    },

    /// Cards that are there stay as they are, so that nothing moves under the reader's eyes.
    showBackends({backends, haproxy}) {
        const place = byId("backends");
        const keys = new Set();
        let next = place.firstElementChild;
        for (const backend of backends) {
            const key = Backend.keyOf(backend);
            keys.add(key);
            const card = this.backends.get(key) || new Backend(backend);
            this.backends.set(key, card);
            card.update(backend, haproxy.length > 1);
            if (card.element === next)
                next = next.nextElementSibling;
            else
                place.insertBefore(card.element, next);
        }
        for (const [key, card] of this.backends) {
            if (keys.has(key))
                continue;
            card.element.remove();
            this.backends.delete(key);
        }
    },

    showTrouble(status) {
        const cards = [...this.backends.values()].filter((card) => !card.isWell);
        const gone = status.haproxy.filter((haproxy) => !haproxy.up);
        const key = JSON.stringify([gone, cards.map((card) => [card.id, card.notesKey])]);
        const count = cards.length + gone.length;
        document.title = count ? `(${count}) slotd` : "slotd";
        byId("trouble").hidden = count === 0;
        if (key === this.troubleKey)
            return;
        this.troubleKey = key;
        byId("trouble").querySelector("ul").replaceChildren(
            ...gone.map((haproxy) => make("li", {}, make("span", {className: "bad", textContent: `HAProxy on ${haproxy.socket}`}),
                                          `: ${haproxy.error}`)),
            ...this.alike(cards).map((group) => this.troubleItem(group)));
    },

    /// When Consul is away every backend says the same: such are told together.
    alike(cards) {
        const groups = new Map();
        for (const card of cards) {
            const what = JSON.stringify(notesOf(card.data).map(({chip, parts}) => [chip, parts.at(-1)]));
            groups.set(what, [...(groups.get(what) || []), card]);
        }
        return [...groups.values()];
    },

    troubleItem(group) {
        const most = 8;
        const links = group.slice(0, most).flatMap((card) => [", ", make("a", {href: `#${card.id}`,
                                                                             textContent: card.title.textContent})]);
        const rest = group.length - most;
        return make("li", {}, ...links.slice(1), rest > 0 ? ` and ${rest} more` : "",
                    make("ul", {}, ...notesOf(group[0].data).map(noteItem)));
    },

    showSums() {
        const sums = {ready: 0, draining: 0, out: 0, free: 0};
        for (const {data} of this.backends.values())
            for (const state in sums) sums[state] += data.slots[state];
        const parts = Object.entries(sums).filter(([, count]) => count).map(([state, count]) => `${count} ${state}`);
        setText(byId("sums"), `${counted(this.backends.size, "backend")}: ${parts.join(", ") || "no slots"}`);
    },

    filter() {
        const wanted = byId("wanted").value.trim().toLowerCase();
        const onlyTrouble = byId("only-trouble").checked;
        let shown = 0;
        for (const card of this.backends.values()) {
            card.filter(wanted, onlyTrouble);
            shown += card.element.hidden ? 0 : 1;
        }
        byId("nothing").hidden = shown > 0;
        setText(byId("nothing"), this.backends.size ? "No backend is like that."
                                                    : "No backend has slots that slotd follows: `slotd slots` prints their line.");
    },

    /// The card of a backend's name, as an address in this page; null when there is none.
    linkTo(name) {
        for (const card of this.backends.values())
            if (card.data.name === name)
                return `#${card.id}`;
        return null;
    },

    listen() {
        byId("filter").addEventListener("input", () => this.filter());
        byId("filter").addEventListener("submit", (event) => event.preventDefault());
        document.addEventListener("keydown", (event) => {
            if (event.key === "/" && event.target !== byId("wanted")) {
                event.preventDefault();
                byId("wanted").focus();
            } else if (event.key === "Escape" && event.target === byId("wanted")) {
                byId("wanted").value = "";
                this.filter();
            }
        });
    },
};
