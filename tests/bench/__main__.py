"""`python -m tests.bench`: see `make bench`. Exit 1 when a case misses its bar."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "backoffice.settings",
    "ENV_FILE": "",
    "DEBUG": "0",
    "HTTPS": "0",
    "SECRET_KEY": "benchmark only " * 4,
    "FIELD_KEYS": "benchmark-only-the-newest-key,benchmark-only-an-older-key",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "TIME_ZONE": "Europe/Moscow",
    "LOG_LEVEL": "ERROR",
    "REDIS_URL": "",
    "METRICS_TOKEN": "",
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measures ratios on PostgreSQL (TEST_DATABASE_URL).")
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=0, help="timeline entries; ten an order when left out")
    parser.add_argument("--page", type=int, default=1000, help="orders of a page from the marketplace")
    parser.add_argument("--rounds", type=int, default=15, help="measurements of each side")
    parser.add_argument("--only", default="", help="cases, separated by commas")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--json", type=Path, default=None, help="the same as data")
    return parser.parse_args()


def main() -> int:
    """Make a database, measure, write the report, drop the database."""
    from tests.bench import database

    arguments = _arguments()
    if not database.answers():
        sys.stderr.write("No PostgreSQL answers at TEST_DATABASE_URL: there is nothing to measure on.\n")
        return 2
    with database.own(f"bench_{os.getpid()}") as url:
        _configure(url)
        from tests.bench import run

        return run.run(arguments)


def _configure(url: str) -> None:
    """The settings of production, on the database of this run."""
    place = Path(os.environ.get("VAR_DIR") or ROOT / "var") / "bench"
    place.mkdir(parents=True, exist_ok=True)
    os.environ |= ENVIRONMENT | {"DATABASE_URL": url, "STATIC_ROOT": str(place / "static")}
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
