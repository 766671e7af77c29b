"""Settings of a stand-in that can be changed while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, get_args, get_type_hints


@dataclass(slots=True)
class Settings:
    """A subclass is a dataclass whose defaults are what a reset goes back to."""

    def update(self, changes: dict[str, Any]) -> None:
        """Raises ValueError for an unknown name or a value of a wrong kind; then nothing is changed."""
        kinds = get_type_hints(type(self))
        for name, value in changes.items():
            if name not in kinds:
                raise ValueError(f"setting is one of {', '.join(kinds)}")
            if not _fits(value, kinds[name]):
                raise ValueError(f"{name}: {value!r} does not fit")
        self.check(changes)
        for name, value in changes.items():
            setattr(self, name, value)

    def check(self, changes: dict[str, Any]) -> None:
        """What a type does not say; raises ValueError."""

    def reset(self) -> None:
        fresh = type(self)()
        for one in fields(self):
            setattr(self, one.name, getattr(fresh, one.name))

    def state(self) -> dict[str, Any]:
        return asdict(self)


def _fits(value: Any, kind: Any) -> bool:
    options = get_args(kind)
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    if kind is float:
        return isinstance(value, int | float) and value >= 0
    if kind in (int, str):
        return isinstance(value, kind)
    if kind == dict[str, str]:
        return isinstance(value, dict) and all(isinstance(one, str) for pair in value.items() for one in pair)
    return value in options
