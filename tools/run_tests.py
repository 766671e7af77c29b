"""Runs the tests on SQLite, on PostgreSQL and in the browser, and closes with one line of totals.

`TEST_DATABASE_URL` names the PostgreSQL server. Without one that answers its run is skipped, loudly; with CI=true it
fails.
"""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET  # reads files that pytest has just written here
from collections import Counter
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "tests"
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgres://root@127.0.0.1:5432/test")
PYTEST = (
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-n",
    "2",
    "--dist",
    "worksteal",
)
#: Watching every line costs a third of the time: the run that reaches most of the code is watched, the others are not.
COVERED = ("--cov", "--cov-report=", "--cov-fail-under=0")
KINDS = ("failed", "passed", "skipped", "error")


def say(text: str) -> None:
    """One line, at once."""
    print(text, flush=True)  # noqa: T201 - the output of a command


def run(name: str, *arguments: str, database: str = "") -> bool:
    """One run of pytest; its results stay in var/tests, and its coverage where it is asked for."""
    say(f"==> Tests: {name}")
    env = {
        **os.environ,
        "COVERAGE_FILE": str(RESULTS / f".coverage.{name}"),
        "TEST_RUN_DATABASE_URL": database,
    }
    command = (*PYTEST, f"--junitxml={RESULTS / name}.xml", *arguments)
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0  # noqa: S603 - our own words


def postgres_answers() -> bool:
    """Whether a server is there; the database of the URL need not exist, tests make their own."""
    try:
        psycopg.connect(POSTGRES.rpartition("/")[0] + "/postgres", connect_timeout=3).close()
    except psycopg.OperationalError as error:
        say(f"    {str(error).strip().splitlines()[0]}")
        return False
    return True


def run_postgres() -> bool:
    """The tests that use a database, on PostgreSQL."""
    if postgres_answers():
        return run("postgresql", "-m", "not browser", "--database-only", database=POSTGRES)
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        say("!!! No PostgreSQL answers at TEST_DATABASE_URL: in CI this is a failure.")
        return False
    say("!!! SKIPPED: no PostgreSQL answers at TEST_DATABASE_URL. Half of what runs in production was not tested.")
    return True


def coverage_is_enough() -> bool:
    """Combine the runs and compare with the gate of pyproject.toml."""
    coverage = (sys.executable, "-m", "coverage")
    data = f"--data-file={RESULTS / '.coverage'}"
    files = [str(path) for path in RESULTS.glob(".coverage.*")]
    subprocess.run((*coverage, "combine", "-q", data, *files), cwd=ROOT, check=False)  # noqa: S603
    say("==> Coverage")
    report = (*coverage, "report", data, "--sort=cover")
    return subprocess.run(report, cwd=ROOT, check=False).returncode == 0  # noqa: S603


def totals() -> tuple[Counter[str], float, list[str]]:
    """Counts by outcome, seconds and the names of what failed, over all runs."""
    counts: Counter[str] = Counter()
    seconds, broken = 0.0, []
    for path in sorted(RESULTS.glob("*.xml")):
        for suite in ET.parse(path).getroot().iter("testsuite"):  # noqa: S314 - written by pytest a moment ago
            seconds += float(suite.get("time", 0))
        for case in ET.parse(path).getroot().iter("testcase"):  # noqa: S314
            outcome = outcome_of(case)
            counts[outcome] += 1
            if outcome in {"failed", "error"}:
                broken.append(f"{outcome.upper()} [{path.stem}] {case.get('classname')}::{case.get('name')}")
    return counts, seconds, broken


def outcome_of(case: ET.Element) -> str:
    """pytest's word for one test case of a JUnit file."""
    for tag, word in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return word
    return "passed"


def main() -> int:
    """All runs, then the totals as the last line. 0 when everything passed and enough is covered."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    good = [
        run("sqlite", *COVERED, "-m", "not browser"),
        run_postgres(),
        run("browser", "-m", "browser"),
        coverage_is_enough(),
    ]
    counts, seconds, broken = totals()
    for line in broken:
        say(line)
    words = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]) or "no tests ran"
    say(f"===== {words} in {seconds:.2f}s (SQLite, PostgreSQL and browser runs together) =====")
    say(f"{counts['passed']} passed, {counts['failed'] + counts['error']} failed, {counts['skipped']} skipped")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
