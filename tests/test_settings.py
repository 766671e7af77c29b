"""Settings: documented in full, and a wrong value stops the start with one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from backoffice.environment import Environment, database_options

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "ENV_FILE": "",
    "SECRET_KEY": "k" * 50,
    "FIELD_KEYS": "f" * 32,
    "PATH": os.environ["PATH"],
}
# Set by systems around us, not by who runs the program.
FOREIGN = {"DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
METHODS = "text|secret|flag|whole|number|choice|listing|time_zone|origins|hosts|networks|redis|database"
CALL = re.compile(rf"""(?:env\.(?:{METHODS})|environ\.get)\(\s*["']([A-Z][A-Z0-9_]+)["']""")


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` in a process of its own, with nothing but these variables."""
    env = {name: value for name, value in {**GOOD, **changes}.items() if value != "(unset)"}
    command = [sys.executable, str(ROOT / "manage.py"), "check"]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def names_read() -> set[str]:
    """Every variable that the code reads from the environment."""
    files = [*(ROOT / "backoffice").rglob("*.py"), *(ROOT / "orders").rglob("*.py"), ROOT / "gunicorn.conf.py"]
    found = {name for path in files for name in CALL.findall(path.read_text())}
    return found - FOREIGN


def names_documented() -> list[str]:
    """The names in .env.example, in order."""
    return re.findall(r"^([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)


def test_every_variable_is_documented_once() -> None:
    documented = names_documented()

    assert len(documented) == len(set(documented))
    assert names_read() - set(documented) == set()


def test_the_search_for_variables_finds_them() -> None:
    assert {
        "SECRET_KEY",
        "FIELD_KEYS",
        "DATABASE_URL",
        "REDIS_URL",
        "ENV_FILE",
        "BIND",
        "CREATE_PASSWORD",
    } <= names_read()


def test_the_file_as_it_is_starts_once_the_secrets_are_in() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    shown = dict(line.split("=", 1) for line in lines if line[:1].isupper())

    answer = start(**{name: text for name, text in shown.items() if name not in GOOD})

    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_good_environment_starts() -> None:
    answer = start()

    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": "(unset)"}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "secret-but-short"}, "SECRET_KEY is too short: at least 50 characters are needed."),
        ({"FIELD_KEYS": "(unset)"}, "FIELD_KEYS is not set"),
        ({"FIELD_KEYS": " , "}, "FIELD_KEYS is not set"),
        ({"FIELD_KEYS": "f" * 32 + ",short-key"}, "FIELD_KEYS holds a key that is too short"),
        ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0."),
        ({"HTTPS": "2"}, "HTTPS must be 1 or 0."),
        ({"UPSTREAM_ALLOW_PRIVATE": "maybe"}, "UPSTREAM_ALLOW_PRIVATE must be 1 or 0."),
        ({"DATABASE_URL": "mysql://root@localhost/x"}, "DATABASE_URL must be sqlite:///path or postgres://"),
        ({"DATABASE_URL": "postgres://root@localhost:port/x"}, "DATABASE_URL must be sqlite:///path or postgres://"),
        ({"DATABASE_URL": "postgres://root@localhost:5432"}, "DATABASE_URL must be sqlite:///path or postgres://"),
        ({"DATABASE_URL": "db.sqlite3"}, "DATABASE_URL must be sqlite:///path or postgres://"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must start with redis://"),
        (
            {"CSRF_TRUSTED_ORIGINS": "example.org"},
            "CSRF_TRUSTED_ORIGINS must list origins such as https://example.org.",
        ),
        ({"TRAINING_HOSTS": "https://sandbox.example.org"}, "TRAINING_HOSTS must list host names such as"),
        ({"TRAINING_HOSTS": "sandbox.example.org:8090"}, "TRAINING_HOSTS must list host names such as"),
        ({"TIME_ZONE": "Moscow"}, "TIME_ZONE must be a time zone such as Europe/Moscow."),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR."),
        ({"RAW_PAYLOAD_DAYS": "0"}, "RAW_PAYLOAD_DAYS must be between 1 and 3650."),
        ({"SEND_STALE_SECONDS": "two"}, "SEND_STALE_SECONDS must be a number."),
        ({"Q_WORKERS": "1.5"}, "Q_WORKERS must be a number."),
        ({"UPSTREAM_TIMEOUT_READ": "nan"}, "UPSTREAM_TIMEOUT_READ must be between"),
        ({"UPSTREAM_MAX_BYTES": "-1"}, "UPSTREAM_MAX_BYTES must be between"),
    ],
    ids=lambda value: (
        "-".join(f"{name}={text}"[:40] for name, text in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_a_wrong_value_stops_the_start_with_one_line(changes: dict[str, str], words: str) -> None:
    answer = start(**changes)

    assert answer.returncode == 3
    assert answer.stdout == ""
    assert answer.stderr.startswith("Wrong configuration: ")
    assert words in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_wrong_value_is_not_repeated() -> None:
    answer = start(SECRET_KEY="hunter2-hunter2", DATABASE_URL="mysql://root:hunter2@localhost/x")

    assert "hunter2" not in answer.stderr + answer.stdout


def test_debug_needs_no_secrets() -> None:
    assert start(DEBUG="1", SECRET_KEY="(unset)", FIELD_KEYS="(unset)").returncode == 0


def test_the_deployment_check_has_nothing_to_say() -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"]
    env = {
        **GOOD,
        "ALLOWED_HOSTS": "orders.example.org",
        "SECRET_KEY": "kT9-vE_2xQ8mZ4rW7pL1sD6fH3jN5bC0aYgUiOtReXqVnMwKzAhPbLd",
    }
    answer = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert "no issues" in answer.stdout
    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "some.env"
    file.write_text("LOG_LEVEL=LOUD\nTIME_ZONE=Asia/Omsk\n")

    assert "LOG_LEVEL" in start(ENV_FILE=str(file)).stderr
    assert start(ENV_FILE=str(file), LOG_LEVEL="INFO").returncode == 0


def test_sqlite_is_shared_by_web_and_worker() -> None:
    options = database_options({"ENGINE": "django.db.backends.sqlite3", "NAME": "x"})["OPTIONS"]

    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "PRAGMA journal_mode=WAL;" in options["init_command"]


def test_postgresql_keeps_connections() -> None:
    config = database_options({"ENGINE": "django.db.backends.postgresql", "NAME": "x"})

    assert (config["CONN_MAX_AGE"], config["CONN_HEALTH_CHECKS"]) == (60, True)


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)])
def test_a_flag_is_a_yes_or_a_no(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("SOME_FLAG", text)

    assert Environment().flag("SOME_FLAG", default=not value) is value


def test_a_listing_drops_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_LIST", " a, ,b,")

    assert Environment().listing("SOME_LIST") == ["a", "b"]


def test_a_choice_names_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_CHOICE", "c")

    with pytest.raises(ImproperlyConfigured, match="SOME_CHOICE must be one of A, B"):
        Environment().choice("SOME_CHOICE", "a", ("A", "B"))
