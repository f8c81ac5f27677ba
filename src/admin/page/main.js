// SPDX-License-Identifier: MIT
// Asks for the status document: soon after a change, else now and then; and says when slotd is lost.
"use strict";

const page = {
    idle: 5000,         // between two looks when nothing happens
    patience: 8000,     // for one answer
    least: 1000,        // between two looks when much happens; more where an answer takes long
    timer: 0,
    dueAt: Infinity,
    isAsking: false,
    isChanged: false,   // something happened since the last answer was asked for
    lastGood: 0,
    trouble: "",

    /// Looks no later than after so many milliseconds.
    lookWithin(milliseconds) {
        const at = performance.now() + milliseconds;
        if (document.hidden || this.isAsking || at >= this.dueAt)
            return;
        clearTimeout(this.timer);
        this.dueAt = at;
        this.timer = setTimeout(() => this.look(), milliseconds);
    },

    async look() {
        this.dueAt = Infinity;
        this.isAsking = true;
        this.isChanged = false;
        const began = performance.now();
        try {
            const answer = await fetch("v1/status", {cache: "no-store", signal: AbortSignal.timeout(this.patience)});
            if (!answer.ok)
                throw new Error(`slotd answers ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
            overview.show(await answer.json());
            this.lastGood = Date.now();
            this.trouble = "";
        } catch (error) {
            this.trouble = error.name === "TypeError" || error.name === "TimeoutError" ? "slotd does not answer" : error.message;
        }
        this.isAsking = false;
        this.showConnection();
        changes.follow(!document.hidden);
        const pause = Math.max(this.least, 4 * (performance.now() - began));
        this.lookWithin(this.isChanged ? pause : Math.max(pause, this.trouble ? 2000 : this.idle));
    },

    /// Also when an answer is long in coming, or this machine slept.
    showConnection() {
        const isLate = this.lastGood > 0 && Date.now() - this.lastGood > this.idle + this.patience;
        const isLost = this.trouble !== "" || isLate;
        document.body.classList.toggle("old", isLost && this.lastGood > 0);
        byId("connection").className = isLost ? "gone" : this.lastGood ? "live" : "";
        if (isLost)
            setText(byId("connection"), "lost slotd");
        else if (this.lastGood)
            setText(byId("connection"), "live");
        byId("lost").hidden = !isLost;
        if (!isLost)
            return;
        document.title = "lost slotd";
        const since = this.lastGood ? `: what is shown here is as it was at ${timeOfDay(this.lastGood)}, ` +
                                      `${inWords(Date.now() - this.lastGood)} ago`
                                    : "";
        setText(byId("lost"), `${this.trouble || "slotd does not answer"}${since}. This page tries again by itself.`);
    },

    changed() {
        this.isChanged = true;
        this.lookWithin(this.least);
    },

    start() {
        changes.onChange = () => this.changed();
        overview.listen();
        document.addEventListener("visibilitychange", () => {
            changes.follow(!document.hidden && this.lastGood > 0);
            this.lookWithin(0);
        });
        setInterval(() => {
            if (document.hidden)
                return;
            this.showConnection();
            keepAges();
        }, 1000);
        this.lookWithin(0);
    },
};

page.start();
