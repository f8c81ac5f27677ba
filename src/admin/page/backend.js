// SPDX-License-Identifier: MIT
// One backend: its slots, what waits, what is held and why.
"use strict";

class Backend {
    static count = 0;

    constructor(backend) {
        this.data = backend;
        this.notesKey = "";
        this.id = `backend-${++Backend.count}`;
        this.title = make("h3");
        this.source = make("span", {className: "soft"});
        this.chips = make("span", {className: "chips"});
        this.counts = make("p", {className: "counts"});
        this.detail = make("p", {className: "detail"});
        this.notes = make("ul", {className: "notes"});
        this.cells = new Cells(backend.name, (slot) => this.tell(slot));
        this.table = new SlotTable(() => this.data.slot);
        this.would = make("pre");
        this.wouldBox = make("details", {hidden: true}, make("summary", {textContent: "what it would send"}), this.would);
        this.element = make("article", {className: "backend", id: this.id, tabIndex: -1},
                            make("header", {}, this.title, this.source, this.chips), this.counts, this.cells.element,
                            this.detail, this.notes, this.wouldBox, this.table.element);
    }

    /// What tells it from every other: slots of one backend may follow different lists.
    static keyOf(backend) {
        return JSON.stringify([backend.socket, backend.name, backend.service, backend.kv]);
    }

    update(backend, hasSeveralSockets) {
        this.data = backend;
        setText(this.title, backend.name + (hasSeveralSockets ? ` on ${backend.socket}` : ""));
        setText(this.source, `follows ${sourceOf(backend)}`);
        setText(this.counts, this.countsText());
        const changed = this.cells.update(backend.slot);
        if (this.table.element.open)
            this.table.update(backend.slot);
        if (changed.length)
            this.searched = undefined;
        this.updateNotes();
        if (this.cells.at < 0)
            this.tell();
    }

    countsText() {
        const {slots, instances} = this.data;
        const parts = ["ready", "draining", "out", "free"].filter((state) => slots[state])
            .map((state) => `${slots[state]} ${state}`);
        return `${parts.join(", ") || "no slots"}; ${counted(instances.serving, "instance")} serving`;
    }

    updateNotes() {
        const {data} = this;
        const key = JSON.stringify([data.held, data.paused, data.paused_until, data.last_error, data.waiting, data.refused,
                                    data.would, !data.last_success]);
        if (key === this.notesKey)
            return;
        this.notesKey = key;
        const notes = notesOf(data);
        this.isWell = notes.length === 0;
        this.notes.replaceChildren(...notes.map(noteItem));
        const chips = new Map(notes.map((note) => [note.chip, note.kind]));
        this.chips.replaceChildren(...[...chips].map(([text, kind]) =>
            make("span", {className: kind === "bad" ? "chip failed" : "chip", textContent: text})));
        this.element.classList.toggle("failed", Boolean(data.last_error));
        this.element.classList.toggle("doubtful", !this.isWell && !data.last_error);
        this.element.classList.toggle("held", Boolean(data.held));
        this.wouldBox.hidden = data.would.length === 0;
        setText(this.would, data.would.slice(0, 500).join("\n"));
        this.table.more.replaceChildren();
        if (data.waiting.length > 6)
            this.table.more.append(make("p", {className: "soft", textContent: `without a slot: ${data.waiting.join(", ")}`}));
    }

    /// The line below the cells: about this slot, or the backend.
    tell(slot) {
        if (!slot) {
            const {last_change: change, last_success: success} = this.data;
            this.detail.replaceChildren(...(change ? ["changed ", ageElement(change), " ago"] : ["never changed"]), ", ",
                                        ...(success ? ["in step ", ageElement(success), " ago"] : ["never in step"]));
            return;
        }
        const parts = [make("strong", {textContent: `${slot.name} ${slot.state}`})];
        if (slot.instance)
            parts.push(` ${slot.instance}${slot.node ? ` on ${slot.node}` : ""}`);
        if (addressOf(slot))
            parts.push(` at ${addressOf(slot)}, weight ${slot.weight}`);
        if (slot.since)
            parts.push(", for ", ageElement(slot.since));
        this.detail.replaceChildren(...parts);
    }

    /// Shows it or not, and marks the slots that are meant.
    filter(wanted, onlyTrouble) {
        this.searched ??= this.data.slot.map(searchText).join("\n");
        const own = `${this.data.name} ${sourceOf(this.data)} ${this.data.socket}`.toLowerCase();
        const others = [...this.data.waiting, ...this.data.refused.map((one) => one.instance)].join("\n").toLowerCase();
        const inSlots = wanted !== "" && this.searched.includes(wanted);
        const isMeant = wanted === "" || inSlots || own.includes(wanted) || others.includes(wanted);
        this.element.hidden = !isMeant || (onlyTrouble && this.isWell);
        if (inSlots || this.hasFound)
            this.cells.find(inSlots ? (slot) => searchText(slot).includes(wanted) : null);
        this.hasFound = inSlots;
    }
}
