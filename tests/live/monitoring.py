# SPDX-License-Identifier: MIT
"""The examples for Prometheus and Grafana, and what of slotd's metrics they name."""

import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples/monitoring"
ALERTS, DASHBOARD = FOLDER / "alerts.yml", FOLDER / "dashboard.json"
# The labels that Prometheus adds.
OF_A_SCRAPE = {"job", "instance"}


def alerts():
    """[(name, expression, all of its text), ...]"""
    parts = ALERTS.read_text().split("- alert: ")[1:]
    return [(part.split("\n", 1)[0], re.search(r"^ +expr: (.*)$", part, flags=re.MULTILINE)[1], part) for part in parts]


def dashboard():
    return json.loads(DASHBOARD.read_text())


def targets():
    """[(expression, legend), ...] of the dashboard's panels and annotations."""
    board = dashboard()
    shown = [(target["expr"], target["legendFormat"]) for panel in board["panels"] for target in panel["targets"]]
    return shown + [(one["expr"], one["titleFormat"]) for one in board["annotations"]["list"]]


def variables():
    """{name: (metric, label)} of the dashboard's variables."""
    found = {}
    for one in dashboard()["templating"]["list"]:
        if one["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((\w+)(?:{.*})?, (\w+)\)", one["query"]["query"]).groups()
            found[one["name"]] = (metric, label)
    return found


def metrics_of(expression):
    """{metric: {label: {value, ...}}}: the values that its selector asks for by themselves (=) or in a list (=~)."""
    found = {}
    for metric, selector in re.findall(r"\b(slotd_\w+|process_\w+|up\b)({[^}]*})?", expression):
        labels = found.setdefault(metric, {})
        for label, how, text in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', selector):
            values = set() if "$" in text else set(text.split("|"))
            # What is shut out need not be there.
            labels.setdefault(label, set()).update(values if how in ("=", "=~") else set())
    return found


def kept_labels(expression):
    """Those that aggregations name."""
    return {label for group in re.findall(r"\b(?:by|without|on|ignoring) ?\(([^)]*)\)", expression)
            for label in re.split(r", *", group)}


def shown_labels(text):
    """Those of a legend, or of an alert's annotations."""
    return set(re.findall(r"{{ ?(?:\$labels\.)?(\w+) ?}}", text))


class Page:
    """What /metrics says: {metric: {label: {value, ...}}}."""

    def __init__(self, text):
        self.metrics = {"up": {}}  # which Prometheus itself makes of a scrape
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, labels = re.match(r"(\w+)(?:{(.*)})? ", line).groups()
            known = self.metrics.setdefault(name, {})
            for label, value in re.findall(r'(\w+)="([^"]*)"', labels or ""):
                known.setdefault(label, set()).add(value)

    def lacks(self, expression, *labels):
        """What the expression, or a text about it, names and is not there."""
        lacking, any_of = set(), set(OF_A_SCRAPE)
        for metric, wanted in metrics_of(expression).items():
            known = self.metrics.get(metric)
            if known is None:
                lacking.add(metric)
                continue
            any_of |= set(known)
            for label, values in wanted.items():
                if label in OF_A_SCRAPE:
                    continue
                lacking |= {f'{metric}{{{label}="{value}"}}' for value in values - known.get(label, set())}
                if label not in known:
                    lacking.add(f"{metric}{{{label}}}")
        return lacking | {label for label in labels if label not in any_of}
