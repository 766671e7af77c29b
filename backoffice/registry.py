"""Kinds of upstreams and what stands for each: one line registers one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class UnknownKind(LookupError):
    """No such kind is registered; the text names those that are."""


class Registry(Generic[T]):
    """Things by kind, in the order they were added. ``name`` says in errors what they are."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, T] = {}

    def add(self, kind: str, item: T) -> T:
        """Register it. Raises ``ValueError`` when the kind is taken."""
        if kind in self._items:
            raise ValueError(f"{self.name}: {kind!r} is registered twice")
        self._items[kind] = item
        return item

    def get(self, kind: str) -> T:
        """Raises :class:`UnknownKind`."""
        try:
            return self._items[kind]
        except KeyError:
            known = ", ".join(self._items) or "none"
            raise UnknownKind(f"unknown {self.name} {kind!r}, known: {known}") from None

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._items)

    def items(self) -> Iterator[tuple[str, T]]:
        yield from self._items.items()

    def __iter__(self) -> Iterator[T]:
        yield from self._items.values()

    def __contains__(self, kind: object) -> bool:
        return kind in self._items

    def __len__(self) -> int:
        return len(self._items)
