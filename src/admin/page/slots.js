// SPDX-License-Identifier: MIT
// A backend's slots: as cells in a list box (one stop of the tab key, arrows move in it), and as a table.
"use strict";

/// What a change of a slot would change. `since` alone does not: HAProxy tells how long ago, to the second.
const keyOf = (slot) =>
    `${slot.name}|${slot.state}|${slot.address}|${slot.port}|${slot.weight}|${slot.instance}|${slot.node}`;

class Cells {
    static count = 0;
    static mostFlashes = 200;

    constructor(name, onPick) {
        this.element = make("div", {className: "cells", tabIndex: 0});
        this.element.setAttribute("role", "listbox");
        this.element.setAttribute("aria-label", `slots of ${name}`);
        this.slots = [];
        this.keys = [];
        this.at = -1;
        this.onPick = onPick;
        this.id = `cells-${++Cells.count}`;
        this.listen();
    }

    listen() {
        const pickTarget = ({target}) => target !== this.element && this.pick([...this.element.children].indexOf(target));
        this.element.addEventListener("pointerover", pickTarget);
        this.element.addEventListener("pointerleave", () => this.element.matches(":focus") || this.pick(-1));
        this.element.addEventListener("click", pickTarget);
        this.element.addEventListener("focus", () => this.at < 0 && this.pick(0));
        this.element.addEventListener("blur", () => this.pick(-1));
        this.element.addEventListener("animationend", (event) => event.target.classList.remove("changed"));
        this.element.addEventListener("keydown", (event) => this.press(event));
    }

    press(event) {
        const inRow = Math.max(1, Math.round(this.element.clientWidth / (this.element.firstChild.offsetWidth + 3)));
        const moves = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: inRow, ArrowUp: -inRow, Home: -Infinity, End: Infinity};
        if (!(event.key in moves))
            return;
        event.preventDefault();
        const to = this.at + moves[event.key];
        if (Math.abs(moves[event.key]) === inRow && inRow > 1 && !(to in this.slots))
            return;
        this.pick(Math.min(Math.max(to, 0), this.slots.length - 1));
    }

    /// The cell that is told about; -1: none.
    pick(index) {
        const cells = this.element.children;
        if (cells[this.at]) {
            cells[this.at].classList.remove("at");
            cells[this.at].removeAttribute("aria-selected");
        }
        this.at = index < this.slots.length ? index : -1;
        if (cells[this.at]) {
            cells[this.at].classList.add("at");
            cells[this.at].setAttribute("aria-selected", "true");
            this.element.setAttribute("aria-activedescendant", cells[this.at].id);
        } else {
            this.element.removeAttribute("aria-activedescendant");
        }
        this.onPick(this.slots[this.at]);
    }

    /// Returns the indexes of what is another now.
    update(slots) {
        const changed = [];
        const isFirst = this.keys.length === 0;
        this.slots = slots;
        while (this.element.children.length > slots.length) this.element.lastChild.remove();
        this.keys.length = Math.min(this.keys.length, slots.length);
        for (const [i, slot] of slots.entries()) {
            const key = keyOf(slot);
            if (this.keys[i] === key)
                continue;
            this.keys[i] = key;
            changed.push(i);
            const cell = this.element.children[i] || this.element.appendChild(this.newCell(i));
            cell.className = `cell ${slot.state}`;
            cell.setAttribute("aria-label", slotText(slot));
            if (!isFirst && Cells.flashes++ < Cells.mostFlashes)
                cell.classList.add("changed");
        }
        if (changed.includes(this.at) || this.at >= slots.length)
            this.pick(this.at);
        return changed;
    }

    newCell(index) {
        const cell = make("i", {id: `${this.id}-${index}`});
        cell.setAttribute("role", "option");
        return cell;
    }

    /// Marks those that the filter means.
    find(isWanted) {
        for (const [i, slot] of this.slots.entries())
            this.element.children[i].classList.toggle("found", isWanted !== null && isWanted(slot));
    }
}

/// How many cells may still show that they changed; set to 0 before each round of updates.
Cells.flashes = 0;

const slotText = (slot) =>
    [slot.name, slot.state, addressOf(slot), slot.instance && `${slot.instance} on ${slot.node || "no node"}`]
        .filter(Boolean).join(", ");

const searchText = (slot) => `${addressOf(slot)} ${slot.instance || ""} ${slot.node || ""}`.toLowerCase();

/// The slots as a table, whose rows are made when somebody wants to see them.
class SlotTable {
    constructor(slotsOf) {
        const heads = ["slot", "instance", "since", "node", "address", "weight"];
        this.body = make("tbody");
        const head = make("tr", {}, ...heads.map((text) => make("th", {scope: "col", textContent: text})));
        const table = make("table", {}, make("thead", {}, head), this.body);
        this.more = make("div");
        this.element = make("details", {}, make("summary", {textContent: "each slot"}),
                            make("div", {className: "scroll", tabIndex: -1}, table), this.more);
        this.element.addEventListener("toggle", () => this.update(slotsOf()));
    }

    update(slots) {
        if (!this.element.open) {
            this.body.replaceChildren();
            return;
        }
        while (this.body.rows.length > slots.length) this.body.lastChild.remove();
        for (const [i, slot] of slots.entries()) {
            const row = this.body.rows[i];
            if (!row)
                this.body.append(this.row(slot));
            else if (row.dataset.key !== keyOf(slot) || !row.querySelector("time") !== !slot.since)
                row.replaceWith(this.row(slot));
            else if (slot.since)
                row.querySelector("time").dateTime = slot.since;
        }
    }

    row(slot) {
        const state = make("td", {}, make("i", {className: `cell ${slot.state}`}), `${slot.name} ${slot.state}`);
        const [instance, ...others] = [slot.instance, slot.node, addressOf(slot), addressOf(slot) && String(slot.weight)]
            .map((text) => make("td", {textContent: text || "-"}));
        const row = make("tr", {}, state, instance, make("td", {}, slot.since ? ageElement(slot.since) : "-"), ...others);
        row.dataset.key = keyOf(slot);
        return row;
    }
}
