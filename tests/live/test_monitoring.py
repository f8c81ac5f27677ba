# SPDX-License-Identifier: MIT
"""The examples for Prometheus and Grafana: Prometheus takes them, and slotd has every metric and label they name."""

import re
import subprocess

import pytest

from . import monitoring
from .harness.wait import until
from .managed import Managed

DATA = monitoring.FOLDER.parents[1] / "tests/data"


def check(promtool, *arguments):
    said = subprocess.run([promtool, *arguments], capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and "FAILED" not in said.stdout, said.stdout + said.stderr
    return said.stdout


def test_prometheus_takes_the_alerts(promtool):
    said = check(promtool, "check", "rules", "--lint-fatal", monitoring.ALERTS)
    assert f"{len(monitoring.alerts())} rules found" in said


def test_the_alerts_are_raised_when_they_should(promtool, tmp_path):
    cases = tmp_path / "cases.yml"
    cases.write_text((DATA / "alerts.yml").read_text().replace("RULES", str(monitoring.ALERTS)))
    assert "SUCCESS" in check(promtool, "test", "rules", cases)


def test_prometheus_takes_the_expressions_of_the_dashboard(promtool, tmp_path):
    rules = tmp_path / "rules.yml"
    lines = ["groups:", "- name: dashboard", "  rules:"]
    for number, (expression, _) in enumerate(monitoring.targets()):
        text = expression.replace("$__rate_interval", "5m").replace("'", "''")
        lines += [f"  - record: panel:number{number}", f"    expr: '{text}'"]
    rules.write_text("\n".join(lines) + "\n")
    check(promtool, "check", "rules", rules)


def test_every_alert_says_how_bad_it_is_and_what_to_do():
    names = [name for name, _, _ in monitoring.alerts()]
    assert len(names) > 10 and len(set(names)) == len(names)
    for name, _, text in monitoring.alerts():
        assert re.search(r"severity: (critical|warning|info)}", text), name
        assert re.search(r"^ +summary: \S", text, flags=re.MULTILINE), name
        description = re.search(r"description: >-\n((?: {12}.*\n)+)", text)
        assert description and len(description[1].split()) > 10, name


def test_the_panels_of_the_dashboard_are_whole_and_side_by_side():
    taken = set()
    panels = monitoring.dashboard()["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells
        assert panel["description"] and panel["targets"], panel["title"]
        names = [target["refId"] for target in panel["targets"]]
        assert len(set(names)) == len(names), panel["title"]
    known = set(monitoring.variables()) | {"source", "__rate_interval"}
    assert set(re.findall(r"\$\{?(\w+)", monitoring.DASHBOARD.read_text())) - {"__all"} <= known


@pytest.mark.one_haproxy
def test_slotd_has_every_metric_and_label_that_they_name(world):
    managed = Managed(world).started("web")
    shown = managed.shown
    until(lambda: shown.metric("slotd_instances", backend="web", state="serving") == 1, "web is served")
    page = monitoring.Page(shown.ask("/metrics")[1])
    for name, expression, text in monitoring.alerts():
        shown_labels = monitoring.shown_labels(text) | monitoring.kept_labels(expression)
        assert monitoring.metrics_of(expression) and page.lacks(expression, *shown_labels) == set(), name
    for expression, legend in monitoring.targets():
        shown_labels = monitoring.shown_labels(legend) | monitoring.kept_labels(expression)
        assert monitoring.metrics_of(expression) and page.lacks(expression, *shown_labels) == set(), expression
    for metric, label in monitoring.variables().values():
        assert label in monitoring.OF_A_SCRAPE or label in page.metrics[metric], (metric, label)
