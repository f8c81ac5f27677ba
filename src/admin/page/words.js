// SPDX-License-Identifier: MIT
// Elements and times. Whatever came from Consul or HAProxy becomes text, never markup.
"use strict";

const byId = (id) => document.getElementById(id);

/// An element with these properties and children (elements or texts).
function make(name, properties = {}, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
}

/// Touches the page only where the text is another one.
function setText(element, text) {
    if (element.textContent !== text)
        element.textContent = text;
}

/// By slotd's clock, which may differ from this machine's.
const clock = {
    ahead: 0,
    set(text) { this.ahead = Date.parse(text) - Date.now(); },
    now() { return Date.now() + this.ahead; },
};

function inWords(milliseconds) {
    const seconds = Math.max(0, Math.round(milliseconds / 1000));
    if (seconds < 120)
        return `${seconds} s`;
    if (seconds < 2 * 3600)
        return `${Math.floor(seconds / 60)} min`;
    if (seconds < 48 * 3600)
        return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86400)} d`;
}

const age = (text) => inWords(clock.now() - Date.parse(text));

/// "14:03:05", with the day when it is not today's.
function timeOfDay(when) {
    const time = new Date(when);
    const isToday = time.toDateString() === new Date().toDateString();
    return isToday ? time.toLocaleTimeString() : time.toLocaleString();
}

/// "3 min", kept right by keepAges().
function ageElement(text) {
    return make("time", {className: "age", dateTime: text, title: timeOfDay(text), textContent: age(text)});
}

function keepAges() {
    for (const element of document.querySelectorAll("time.age")) setText(element, age(element.dateTime));
}

const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/// "a, b, c and 4 more".
function firstOf(list, most) {
    const rest = list.length > most + 1 ? list.length - most : 0;
    return list.slice(0, list.length - rest).join(", ") + (rest ? ` and ${rest} more` : "");
}

/// A free slot still has the address of its last instance, which says nothing.
const addressOf = (slot) =>
    slot.address && slot.state !== "free" ? `${slot.address.includes(":") ? `[${slot.address}]` : slot.address}:${slot.port}` : "";

const sourceOf = (backend) => backend.service || `the key ${backend.kv}`;

/// What there is to say about a backend: [{kind, chip, parts}], where parts are texts and elements.
function notesOf(backend) {
    const notes = [];
    const add = (kind, chip, ...parts) => notes.push({kind, chip, parts});
    if (backend.held)
        add("doubt", "held", "held for ", ageElement(backend.held.since), ` (${backend.held.reason})`,
            `: ${backend.held.detail}`);
    if (backend.paused)
        add("doubt", "paused", "paused", backend.paused_until ? ` until ${timeOfDay(backend.paused_until)}` : "",
            backend.would.length ? `: would send ${counted(backend.would.length, "command")}` : ": nothing is to be sent");
    if (backend.last_error)
        add("bad", "failed", "failed", `: ${backend.last_error}`);
    if (!backend.last_success && !backend.held && !backend.paused && !backend.last_error)
        add("doubt", "not yet in step", "not yet in step", "");
    if (backend.waiting.length)
        add("doubt", "waiting", `${counted(backend.waiting.length, "instance")} without a slot`,
            `: ${firstOf(backend.waiting, 5)}`);
    for (const {instance, why} of backend.refused.slice(0, 5))
        add("bad", "refused", `${instance} can't be served`, `: ${why}`);
    if (backend.refused.length > 5)
        add("bad", "refused", `${backend.refused.length - 5} more can't be served`, "");
    return notes;
}

/// As an <li>; what it is about stands out from the rest.
function noteItem(note) {
    const last = note.parts.length - 1;
    return make("li", {}, make("span", {className: note.kind}, ...note.parts.slice(0, last)), note.parts[last]);
}
