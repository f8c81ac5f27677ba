// SPDX-License-Identifier: MIT
// The changes as they happen, newest first.
"use strict";

const changes = {
    most: 200,
    source: null,
    run: "",
    last: 0,
    waiting: [],
    onChange() {},

    /// While nobody looks there is no stream: a browser keeps few connections to one address. To be called again and
    /// again: lost connections the browser makes anew by itself, refused ones it does not.
    follow(isWanted) {
        if (!isWanted) {
            this.source?.close();
            this.source = null;
            return;
        }
        if (this.source)
            return;
        const source = new EventSource("v1/events");
        this.source = source;
        source.addEventListener("open", () => { byId("stream").hidden = true; });
        source.addEventListener("message", (event) => this.take(event));
        source.addEventListener("error", () => {
            byId("stream").hidden = false;
            setText(byId("stream"), "No new changes come in just now; tries again.");
            if (source.readyState === EventSource.CLOSED)
                this.source = null;
        });
    },

    take({lastEventId, data}) {
        const [run, number] = lastEventId.split("-");
        if (run !== this.run) {
            if (this.run)
                this.add({note: "slotd was started again"});
            this.run = run;
            this.last = 0;
        }
        if (Number(number) <= this.last)
            return;
        const missed = this.last ? Number(number) - this.last - 1 : 0;
        if (missed)
            this.add({note: `${counted(missed, "change")} in between ${missed === 1 ? "is" : "are"} not shown`});
        this.last = Number(number);
        this.add(JSON.parse(data));
        this.onChange();
    },

    /// They may come by the hundred: the page is changed once for all of them.
    add(event) {
        if (this.waiting.push(event) === 1)
            requestAnimationFrame(() => this.flush());
        if (this.waiting.length > this.most)
            this.waiting.shift();
    },

    flush() {
        const list = byId("changes");
        list.prepend(...this.waiting.splice(0).reverse().map((event) => this.item(event)));
        while (list.children.length > this.most) list.lastElementChild.remove();
    },

    item(event) {
        if (event.note)
            return make("li", {className: "aside", textContent: event.note});
        const time = make("time", {dateTime: event.time, title: event.time, textContent: timeOfDay(event.time)});
        const link = event.backend && event.text.startsWith(event.backend) ? overview.linkTo(event.backend) : null;
        const text = link ? [make("a", {href: link, textContent: event.backend}), event.text.slice(event.backend.length)]
                          : [event.text];
        return make("li", {className: event.level}, time, ...text);
    },
};
