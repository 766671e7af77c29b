"""What a provider of an upstream stands on: the shared rate budget, and where it reports what it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from backoffice import budget, places
from backoffice.errors import RateLimited
from backoffice.rates import Rule


class DriftSink(Protocol):
    """Where a provider reports what it does not know. ``kind``: field, value, error, route."""

    def note(self, *, place: str, kind: str, name: str, sample: Any = None) -> None: ...


class Gate(Protocol):
    """The shared rate budget of an account, asked before each call."""

    def take(self, group: str, rule: Rule, cost: float = 1) -> None:
        """Raises ``RateLimited`` with the time when the next call may leave."""

    def take_all(self, rules: Mapping[str, Rule], cost: float = 1) -> None:
        """Every group has to let the call go; when one does not, none is charged. Raises ``RateLimited`` as ``take``."""

    def penalty(self, group: str, rule: Rule) -> None:
        """A 4XX was answered: it costs more than one call."""

    def block(self, group: str, until: datetime) -> None:
        """The upstream itself said when to come back."""

    def left(self, group: str, amount: float) -> None:
        """The upstream itself said how many calls are left."""

    def slot(self, name: str, most: int) -> AbstractContextManager[None]:
        """One of ``most`` calls under way at a time under ``name``, over all accounts and processes.

        Waits a little for a free place; raises ``RateLimited`` when there is none.
        """


class DatabaseGate:
    """The rate budget called ``ref``, shared by all worker processes."""

    def __init__(self, ref: str) -> None:
        self._ref = ref

    def _key(self, group: str) -> str:
        return f"{self._ref}:{group}"

    def take(self, group: str, rule: Rule, cost: float = 1) -> None:
        until = budget.take(self._key(group), rule=rule, cost=cost)
        if until is not None:
            raise RateLimited("budget", until=until)

    def take_all(self, rules: Mapping[str, Rule], cost: float = 1) -> None:
        """Two statements a group when it goes."""
        paid: list[str] = []
        for group, rule in rules.items():
            until = budget.take(self._key(group), rule=rule, cost=cost)
            if until is not None:
                for name in paid:
                    budget.spend(self._key(name), -cost, rule=rules[name])
                raise RateLimited("budget", until=until)
            paid.append(group)

    def penalty(self, group: str, rule: Rule) -> None:
        budget.spend(self._key(group), rule.costly - 1, rule=rule)

    def block(self, group: str, until: datetime) -> None:
        budget.block(self._key(group), until)

    def left(self, group: str, amount: float) -> None:
        budget.cap(self._key(group), amount)

    def slot(self, name: str, most: int) -> AbstractContextManager[None]:
        return places.hold(name, most)
