"""The benchmark on a tiny shop: every case runs and what does not depend on the machine keeps its bar. No times are judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import database

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = {
    "queue page, 50 rows, any depth": "× floor",
    "… queue page: its last page": "× first",
    "… queue page: count(*) over a table": "statements",
    "order list, 50 rows, any depth": "× floor",
    "… order list: its last page": "× first",
    "… order list: count(*) over a table": "statements",
    "task page with 40 timeline entries": "× floor",
    "API list of 100 tasks with items and codes": "× floor",
    "status sweep of 50 tasks without news": "statements",
    "scan accepted, request to answer": "statements",
    "scan verdict, beside the page of the queue": "× page",
    "wrong verdicts or errors, 20 scanners at once": "answers",
    "intake of a page of 50 new orders, all tables": "× COPY",
    "… its statements, fixed": "statements",
    "the same page again, unchanged": "× parsing",
    "… what it writes": "statements",
    "Yandex Market: a page of 50 new orders": "× parsing",
    "Yandex Market: a page of 50 orders, each with a new status": "× parsing",
    "Yandex Market: statements of a page of new orders": "statements",
    "Yandex Market: statements of a page of changed orders": "statements",
    "Yandex Market: the same page again, unchanged": "× parsing",
    "Yandex Market: what the same page again writes": "statements",
    "Yandex Market: 50 orders due for DELIVERY": "× by hand",
    "Yandex Market: calls in which they leave": "calls",
    "Yandex Market: statements of a call that 30 orders leave in": "statements",
    "50 new tracking events with de-duplication and status": "× COPY",
    "a poll of 50 shipments without news": "statements",
    "the timeline page of an order with 200 entries": "statements",
    "web worker after the bench": "MiB",
    "queue worker after the bench": "MiB",
}
#: What no machine changes.
FIXED = {"statements", "calls", "MiB", "answers"}


@pytest.mark.bench
@pytest.mark.timeout(300)
def test_a_tiny_run_has_every_case_and_keeps_what_no_machine_changes(tmp_path: Path) -> None:
    if not database.answers():
        assert os.environ.get("CI", "").lower() not in {"1", "true"}, "in CI a PostgreSQL server has to answer"
        pytest.skip("no PostgreSQL answers at TEST_DATABASE_URL: the benchmark was not tried")
    numbers, document = tmp_path / "numbers.json", tmp_path / "benchmarks.md"
    sizes = ["--orders", "600", "--page", "50", "--rounds", "1"]
    command = [sys.executable, "-m", "tests.bench", *sizes, "--report", str(document), "--json", str(numbers)]
    # Not traced for coverage: a benchmark that is watched measures the watcher.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=280, check=False)

    assert ended.returncode in {0, 1}, ended.stderr
    found = json.loads(numbers.read_text())
    lines = {line["case"]: line for line in found["lines"]}
    missed = [name for name, line in lines.items() if not line["ok"]]
    assert (found["orders"], found["entries"]) == (600, 6060)
    assert {name: line["unit"] for name, line in lines.items()} == CASES
    assert [name for name in missed if CASES[name] in FIXED] == []
    assert [name for name, line in lines.items() if CASES[name].startswith("×") and line["value"] <= 0] == []
    assert ended.returncode == (1 if missed else 0)
    assert [name for name in CASES if f"| {name} |" not in document.read_text()] == []
