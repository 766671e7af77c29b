"""All cargo of all application keys, and the sessions of those who have logged in."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sandbox.dellin.statuses import DETAILS, OVER, PATHS, RETURN, TITLES
from sandbox.dellin.tuning import Tuning
from sandbox.parcels.making import person
from sandbox.parcels.parcel import Parcel
from sandbox.parcels.world import ParcelWorld
from sandbox.store import Store

NAME: Final = "dellin"
WEB: Final = "web:"
TOWNS: Final = ("Москва", "Санкт-Петербург", "Казань", "Екатеринбург", "Новосибирск")


class DellinWorld(ParcelWorld):
    """A parcel is an order; it answers to its number, to those of its papers (`others`), and to the shop's (`web`)."""

    name = NAME
    first_number = 400_000_000
    paths: Mapping[str, tuple[str, ...]] = PATHS
    row_names = ("at", "since", "wire")
    acts: tuple[str, ...] = ("give_back",)
    strange = "teleported"
    tuning: Tuning

    def __init__(self, store: Store) -> None:
        self.sessions: dict[str, tuple[str, float]] = {}
        super().__init__(store, Tuning())

    def _forget(self) -> None:
        super()._forget()
        self.sessions.clear()

    def row(self, parcel: Parcel, station: str, at: float) -> dict[str, Any]:
        """`code` is the state, or state and detail; `since` when the state began, `at` when the detail did."""
        code = station.removesuffix(RETURN)
        if code != station:
            self._return(parcel, at=at)
        last = parcel.rows[-1] if parcel.rows else None
        goes_on = last is not None and state_of(last["code"]) == state_of(code)
        return {"code": code, "at": at, "since": last.get("since", last["at"]) if last is not None and goes_on else at}

    def keys(self, parcel: Parcel) -> Iterable[str]:
        known = parcel.fields
        return [parcel.number, *known["others"], *([WEB + known["web"]] if known["web"] else [])]

    def of_order(self, order: str) -> tuple[str, dict[str, Any]]:
        """Dellin numbers its orders itself; the shop's number stands beside."""
        return "", {"web": order}

    def with_order(self, seller: str, order: str) -> list[Parcel]:
        return self.named(seller, WEB + order)

    def title(self, code: str) -> str:
        return DETAILS.get(detail_of(code), TITLES.get(state_of(code), ""))

    def is_over(self, parcel: Parcel) -> bool:
        return state_of(parcel.code) in OVER

    def taken_back(self, parcel: Parcel) -> str:
        """The last row with another state."""
        earlier = [row["code"] for row in parcel.rows if state_of(row["code"]) != state_of(parcel.code)]
        return str(earlier[-1]) if earlier else parcel.code

    def invent(self, number: str, given: dict[str, Any]) -> dict[str, Any]:
        """`offset`: hours of the terminal's clock; `to_address`: to the door, and not to a terminal."""
        found: dict[str, Any] = {
            "web": "", "others": [], "offset": 3, "to_address": True, "air": False, "town": random.choice(TOWNS),
            "receiver": person(), "declineReason": "", "returned": False, "returnReason": "", "returned_at": None,
        }  # fmt: skip
        unknown = given.keys() - found.keys()
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; fields are {', '.join(found)}")
        return found | given

    def do(self, parcel: Parcel, name: str, asked: dict[str, Any]) -> None:
        """`give_back`: `{"on"?, "reason"?}`: the flag of a return, which is no state (contract 2.3)."""
        before, on = parcel.fields["returned"], bool(asked.get("on", True))
        self._return(parcel, at=self.now, on=on, reason=str(asked.get("reason", "")))
        self.note(parcel, "return", before, on, cause=name)

    def _return(self, parcel: Parcel, *, at: float, on: bool = True, reason: str = "") -> None:
        reason = reason or ("Отказ получателя" if on else "")
        more = {"returned": on, "returnReason": reason, "returned_at": at if on else None}
        parcel.fields = parcel.fields | more

    # reading

    def answering(self, seller: str, key: str) -> list[Parcel]:
        """Who answers to a number: one, none, or several. A flag can make it none or two."""
        found = [one for one in self.named(seller, key) if not one.has("missing")]
        return [*found, *(one for one in found if one.has("ambiguous"))]

    # sessions

    def log_in(self, seller: str) -> str:
        """A session's identifier."""
        session = str(uuid.uuid4())
        self.sessions[session] = (seller, self.now + self.tuning.session_seconds)
        return session

    def session(self, seller: str, text: object) -> float | None:
        """Until when it is good; None for one that is over, or another key's."""
        found = self.sessions.get(text) if isinstance(text, str) else None
        return found[1] if found is not None and found[0] == seller and found[1] > self.now else None


def state_of(code: str) -> str:
    """`pickup` of `pickup/pickup_departed`"""
    return code.partition("/")[0]


def detail_of(code: str) -> str:
    """The detail; the state itself where there is none (seed 001)."""
    state, _, detail = code.partition("/")
    return detail or state
