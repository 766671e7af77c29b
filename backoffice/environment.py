"""Reads settings from the environment; a value that makes no sense raises `ImproperlyConfigured` with one line."""

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
REDIS_SCHEMES = ("redis", "rediss", "unix")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:]*:[0-9a-f:.]*")


class Environment:
    """Typed reads of environment variables. No value is ever repeated in an error: it may be a secret."""

    def __init__(self) -> None:
        self._env = environ.Env()

    def text(self, name: str, default: str = "") -> str:
        """The value without surrounding blanks; `default` when unset or empty."""
        return str(self._env.str(name, default=default)).strip() or default

    def secret(self, name: str, *, default: str | None, least: int = 1) -> str:
        """A value that must be set when `default` is None, at least `least` characters long."""
        value = self.text(name, default or "")
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. Put a long random value into the environment or .env.")
        if len(value) < least:
            raise ImproperlyConfigured(f"{name} is too short: at least {least} characters are needed.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """A yes or a no: 1/0, true/false, yes/no, on/off."""
        value = self.text(name, str(int(default))).lower()
        if value not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{name} must be 1 or 0.")
        return value in TRUE

    def whole(self, name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number between `least` and `most`."""
        return int(self._number(name, str(default), int, (least, most)))

    def number(self, name: str, default: float, *, least: float = 0, most: float = 10**9) -> float:
        """A decimal number between `least` and `most`."""
        return self._number(name, str(default), float, (least, most))

    def _number(self, name: str, default: str, cast: Callable[[str], float], bounds: tuple[float, float]) -> float:
        try:
            value = cast(self.text(name, default))
        except ValueError:
            raise ImproperlyConfigured(f"{name} must be a number.") from None
        if not bounds[0] <= value <= bounds[1]:
            raise ImproperlyConfigured(f"{name} must be between {bounds[0]} and {bounds[1]}.")
        return value

    def choice(self, name: str, default: str, options: tuple[str, ...]) -> str:
        """One of `options`, whatever its case."""
        value = self.text(name, default).upper()
        if value not in options:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}.")
        return value

    def listing(self, name: str, default: str = "") -> list[str]:
        """Values separated by commas, blanks dropped."""
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def time_zone(self, name: str, default: str) -> str:
        """A name of the IANA time zone database."""
        value = self.text(name, default)
        if value not in available_timezones():
            raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/Moscow.")
        return value

    def networks(self, name: str) -> list[str]:
        """Networks such as 5.45.207.0/25."""
        values = self.listing(name)
        try:
            return [str(ip_network(value)) for value in values]
        except ValueError:
            raise ImproperlyConfigured(f"{name} must list networks such as 5.45.207.0/25.") from None

    def hosts(self, name: str) -> list[str]:
        """Host names or addresses without scheme, port and path, in small letters."""
        values = [value.lower() for value in self.listing(name)]
        if any(HOST.fullmatch(value) is None for value in values):
            raise ImproperlyConfigured(f"{name} must list host names such as sandbox.example.org.")
        return values

    def origins(self, name: str) -> list[str]:
        """Origins with their scheme: https://example.org."""
        values = self.listing(name)
        if any(urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc for value in values):
            raise ImproperlyConfigured(f"{name} must list origins such as https://example.org.")
        return values

    def redis(self, name: str) -> str:
        """A Redis URL, or an empty string."""
        value = self.text(name)
        if value and urlsplit(value).scheme not in REDIS_SCHEMES:
            raise ImproperlyConfigured(f"{name} must start with redis://, rediss:// or unix://.")
        return value

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Django's settings of one database, without options."""
        value = self.text(name, default)
        problem = f"{name} must be sqlite:///path or postgres://user:password@host:5432/name."
        if urlsplit(value).scheme not in DATABASE_SCHEMES:
            raise ImproperlyConfigured(problem)
        try:
            config = dict(self._env.db_url_config(value))
        except ValueError:
            raise ImproperlyConfigured(problem) from None
        if not config.get("NAME"):
            raise ImproperlyConfigured(problem)
        return config


def database_options(config: dict[str, Any]) -> dict[str, Any]:
    """What each engine needs so that web and workers share it.

    SQLite: WAL lets readers and one writer work side by side; IMMEDIATE takes the write lock at BEGIN, so two writers
    wait for each other instead of failing halfway.
    """
    if "sqlite" in config["ENGINE"]:
        pragmas = (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-20000",
        )
        options = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": _pragmas(pragmas)}
        return {**config, "OPTIONS": options}
    return {**config, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def _pragmas(names: tuple[str, ...]) -> str:
    return "".join(f"PRAGMA {name};" for name in names)
