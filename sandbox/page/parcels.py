"""The desks of the carriers: their parcels, what can be done to them, and their rules on the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sandbox.dellin.upstream import Dellin
from sandbox.dellin.world import state_of
from sandbox.measoft.upstream import Measoft
from sandbox.page import present
from sandbox.parcels.acts import act, possible_acts
from sandbox.parcels.making import Wish, make
from sandbox.parcels.parcel import Parcel
from sandbox.parcels.world import ParcelWorld

TABS: Final = ("all", "moving", "over", "troubled")
PACES: Final = (("0", "pace_0"), ("60", "pace_60"), ("600", "pace_600"), ("3600", "pace_3600"))
NOT_HERE: Final = ("402", "410", "420", "423", "unknown_substatus", "unknown_payment", "unknown_currency")
# Of MeaSoft what JSON alone can have, of Dellin what XML alone can have.
ONLY_JSON: Final = ("list_instead", "null_lists", "wrong_types")
ONLY_MEASOFT: Final = ("error_root", "error_child", "error_text", "error_item", "error_empty")
MAIN_ACTS: Final = ("step", "finish")
# Of a journey that nobody can read: a status that is none, and times that are none.
BROKEN_ROWS: Final = {
    "measoft": {"code": "сорок два", "wire": {"eventtime": "вчера", "createtimegmt": "", "title": None}},
    "dellin": {"code": "сорок два", "wire": {"stateDate": "вчера", "detailedStatusDate": None, "number": 42}},
}
TONES: Final = {
    "COMPLETE": "ok", "PARTIALLY": "ok", "finished": "ok", "accompanying_documents_return": "ok", "LOST": "bad",
    "CANCELED": "bad", "RETURNING": "bad", "RETURNED": "bad", "declined": "bad", "DELIVERY": "warn", "delivery": "warn",
    "PICKUPREADY": "violet", "arrived": "violet", "warehousing": "violet",
}  # fmt: skip


class ParcelDesk:
    """Implements `views.Desk`; what the two carriers have in common."""

    template = "parcels.html"
    tabs: tuple[str, ...] = TABS
    not_here: tuple[str, ...] = NOT_HERE
    shown_as = ""
    paths: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()

    def __init__(self, upstream: Measoft | Dellin) -> None:
        self.upstream = upstream
        self.world: ParcelWorld = upstream.world

    def orders(self, seller: str) -> list[Parcel]:
        return list(self.world.shops.get(seller, {}).values())

    def stages(self, order: Parcel) -> set[str]:
        found = {"all", "over" if self.world.is_over(order) else "moving"}
        return found | {"troubled"} if order.flags else found

    def row(self, order: Parcel, texts: dict[str, str]) -> dict[str, Any]:
        return parcel_row(self.world, order, texts)

    def choices(self) -> dict[str, Any]:
        return {
            "paths": self.paths,
            "ways": tuple(self.world.paths),
            "paces": PACES,
            "shown_as": self.shown_as,
            "switches": {name: self.is_on(name) for name in self.switches},
        }

    def make(self, seller: str, form: Mapping[str, str]) -> None:
        if form.get("what") == "broken":
            at = datetime.fromtimestamp(self.world.now).astimezone().isoformat()
            make(self.world, Wish(seller, rows=[{**BROKEN_ROWS[self.world.name], "at": at}], cause="page"))
            return
        count, pace = 5 if form.get("what") == "five" else 1, float(form.get("pace") or 0)
        make(self.world, Wish(seller, count=count, path=form.get("way", "happy"), pace=pace, cause="page"))

    def play(self, number: int, name: str) -> None:
        act(self.world, self.world.parcels[number], name)

    def is_on(self, name: str) -> bool:
        return bool(self.world.tuning.state()[name])

    def rules(self, form: Mapping[str, str]) -> None:
        self.world.tune({name: name in form for name in self.switches})


class MeasoftDesk(ParcelDesk):
    shown_as = "login"
    not_here: tuple[str, ...] = (*NOT_HERE, *ONLY_JSON)
    paths: tuple[str, ...] = ("/statusreq", "/commitlaststatus", "/tracking", "/neworder", "/cancelorder")
    switches: tuple[str, ...] = ("history", "attributes", "commit_all")

    def is_on(self, name: str) -> bool:
        """A plan with history or without: the page knows no more of plans."""
        if name == "history":
            return self.world.tuning.state()["plan"] in ("premium", "maximum")
        return super().is_on(name)

    def rules(self, form: Mapping[str, str]) -> None:
        plan = "maximum" if "history" in form else "standard"
        self.world.tune({"plan": plan, "attributes": "attributes" in form, "commit_all": "commit_all" in form})


class DellinDesk(ParcelDesk):
    shown_as = "appkey"
    not_here: tuple[str, ...] = (*NOT_HERE, *ONLY_MEASOFT)
    paths: tuple[str, ...] = ("/statuses_history.json", "/statuses_history.xml", "/v3/orders.json", "/auth/")
    switches: tuple[str, ...] = ("both_keys", "int_numbers", "password_login")


def parcel_row(world: ParcelWorld, parcel: Parcel, texts: dict[str, str]) -> dict[str, Any]:
    acts = [(name, texts[f"act_{name}"]) for name in (*possible_acts(world, parcel), *world.acts)]
    flags = [(name, texts[f"flag_{name}"], parcel.has(name)) for name in world.flags]
    known = parcel.fields
    return {
        "id": parcel.id,
        "number": parcel.number,
        "ago": present.ago(world.now - parcel.created, texts),
        "way": texts.get(f"way_{parcel.path}", parcel.path),
        "rest": " → ".join(parcel.rest),
        "ahead": _ahead(parcel.rest),
        "where": known["town"],
        "who": known["receiver"],
        "flags": [words for _, words, on in flags if on] + ([texts["returned"]] if known.get("returned") else []),
        "code": parcel.code,
        "status": state_of(parcel.code),
        "title": world.title(parcel.code),
        "tone": TONES.get(state_of(parcel.code), "info" if world.title(parcel.code) else "bad"),
        "rows": len(parcel.rows),
        "next": present.ahead(parcel.due - world.now, texts) if parcel.due else "",
        "open": not world.is_over(parcel),
        "plays": [one for one in acts if one[0] in MAIN_ACTS],
        "more": [one for one in acts if one[0] not in MAIN_ACTS],
        "switches": flags,
    }


def _ahead(rest: list[str]) -> str:
    """The next station, and how many come after it: `→ DELIVERY +2`."""
    if not rest:
        return ""
    return f"→ {rest[0]}" if len(rest) == 1 else f"→ {rest[0]} +{len(rest) - 1}"
