"""A marketplace as contract tests see it: our provider, and what its stand-in can be told and asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from orders.enums import ActionKind, CodeKind, Stage
from orders.marketplaces.base import Marketplace, Outgoing, Result


class World(Protocol):
    """The marketplace's side of a test. Ids are texts, as ours are."""

    provider: Marketplace
    drift: list[tuple[str, str, str]]
    #: A good code for each kind that can be stored.
    good_codes: Mapping[CodeKind, str]
    #: Text of the credentials that must not show anywhere.
    secret: str

    def connect(self, token: str) -> Marketplace:
        """A provider with other credentials: "wrong" or "readonly"."""

    def make(self, count: int = 1, *, code_kinds: Sequence[CodeKind] = ()) -> list[str]:
        """New orders of one task each, without obligatory codes."""

    def make_broken(self) -> None:
        """An order that no one can read."""

    def make_finished(self, count: int) -> list[str]: ...

    def stage(self, external_id: str) -> Stage:
        """What the marketplace itself holds true."""

    def moves(self, external_id: str) -> int:
        """How many changes of status a task has had since it was made."""

    def code(self, external_id: str) -> str:
        """The code the buyer has been told."""

    def decline(self, external_id: str) -> None:
        """The buyer thinks better of it while the task is new."""

    def pass_time(self) -> None:
        """Long enough for phones to be assigned and codes to be judged."""

    def fault(self, kind: str) -> None:
        """The next call meets: html, truncated, huge, 500, 429, gone, lost_answer, list_instead, null_lists, wrong_types,
        unknown_status, unknown_field."""

    def calls(self) -> int:
        """Calls that have arrived."""


def act(world: World, kind: ActionKind, *ids: str, code: str = "") -> list[Result]:
    """Ask for an action of each task, in as many calls as the marketplace needs."""
    size = world.provider.per_call(kind)
    actions = [Outgoing(external_id, kind, code=code) for external_id in ids]
    parts = [actions[start : start + size] for start in range(0, len(actions), size)]
    return [result for part in parts for result in world.provider.send(kind, part)]


def deliver(world: World, external_id: str) -> None:
    for kind in (ActionKind.CONFIRM, ActionKind.DELIVER):
        (result,) = act(world, kind, external_id)
        assert result.ok


def put(world: World, external_id: str, kind: CodeKind, *codes: str) -> Result:
    action = Outgoing(external_id, ActionKind.PUT_CODES, code_kind=kind, codes=codes, country="643")
    (result,) = world.provider.send(ActionKind.PUT_CODES, [action])
    return result
