"""Orders, carrier accounts and what carriers say, for tests of parcels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from carriers import registry
from carriers import services as carriers
from carriers.base import CarrierOffer
from carriers.models import CarrierAccount
from carriers.types import Event, Page, Problem, ProblemKind, Reply, Snapshot, arrange, digest_of
from orders.models import MarketplaceAccount, Order, Shipment, TimelineEntry
from orders.services import accounts, actors
from sandbox.server import RunningSandbox

#: When the first event of a history happened.
START = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)


def shop_account(kind: str = "wildberries", **options: Any) -> MarketplaceAccount:
    """A shop that is never called."""
    secret = {"token": "t"} if kind == "wildberries" else {"api_key": "k"}
    wanted = {"campaign_id": "1", "business_id": "2"} if kind == "yandex_market" else {}
    return accounts.connect(
        kind, title="Shop", base_url="http://127.0.0.1:9", credentials=secret, options={**wanted, **options},
        actor=actors.SYSTEM,
    )  # fmt: skip


def order_of(shop: MarketplaceAccount, external_id: str) -> Order:
    now = timezone.now()
    return Order.objects.create(account=shop, external_id=external_id, deadline_at=now, created_at=now)


def carrier_account(kind: str = "measoft", title: str = "Couriers", **options: Any) -> CarrierAccount:
    """An account that is never called."""
    secrets = {"login": "l", "password": "p"} if kind == "measoft" else {"appkey": "k"}
    more = {"extra": "8"} if kind == "measoft" else {}
    wanted = carriers.Settings(title, "http://127.0.0.1:9", "", {**more, **options}, secrets)
    return carriers.connect(kind, wanted)


def measoft(upstream: RunningSandbox, **options: Any) -> CarrierAccount:
    """An account that talks to the stand-in."""
    box = upstream.measoft
    settings = carriers.Settings(
        "Couriers", box.url, "", {"extra": box.extra, **options}, {"login": box.login, "password": box.password}
    )
    return carriers.connect("measoft", settings)


def dellin(upstream: RunningSandbox, *, token: bool = False, **options: Any) -> CarrierAccount:
    box = upstream.dellin
    secrets = {"appkey": box.appkey, **({"pat": box.pat} if token else {})}
    return carriers.connect("dellin", carriers.Settings("Dellin", box.url, "", options, secrets))


def event(word: str, hours: float = 0, *, kind: str = "measoft", **more: Any) -> Event:
    """A dated event, ``hours`` after the start; one without a time with ``happened_at=None``."""
    happened = more.pop("happened_at", START + timedelta(hours=hours))
    code, _slash, subcode = word.partition("/")
    meaning = registry.meaning(kind, code, subcode)
    key = digest_of(kind, word, str(happened or ""))
    return Event(
        code, key, subcode, title=more.pop("title", word.title()), happened_at=happened, meaning=meaning, **more
    )


def snapshot(number: str, *events: Event, complete: bool = True, **more: Any) -> Snapshot:
    """The last of the events as it is given is the carrier's present word."""
    current = events[-1]
    meaning = more.pop("meaning", current.meaning)
    return Snapshot(number, current, meaning, arrange(events), complete=complete, raw=b"<order/>", **more)


def not_found(number: str) -> Problem:
    return Problem(number, ProblemKind.NOT_FOUND, "no such order")


class Scripted:
    """A carrier that says what a test wants. ``asked`` are the numbers of each call."""

    kind, dialects, words = "measoft", ("xml",), registry.glossary("measoft")

    def __init__(self, offer: CarrierOffer, answer: Callable[[str], Reply]) -> None:
        self.offer = offer
        self.answer = answer
        self.asked: list[list[str]] = []
        self.pages: list[Page] = []
        self.cursors: list[str] = []
        self.committed: list[Page] = []

    def check(self) -> None: ...

    def clean_number(self, number: str) -> str:
        return number

    def track(self, numbers: Sequence[str]) -> list[Reply]:
        self.asked.append(list(numbers))
        return [self.answer(number) for number in numbers]

    def find(self, own_number: str) -> list[Reply]:
        return [self.answer(own_number)]

    def changed(self, cursor: str) -> Page:
        self.cursors.append(cursor)
        return self.pages.pop(0)

    def pass_over(self, cursor: str) -> Page:
        return Page(cursor=f"after {cursor}")

    def commit(self, page: Page) -> None:
        self.committed.append(page)


def script(
    monkeypatch: pytest.MonkeyPatch, account: CarrierAccount, answer: Callable[[str], Reply], *, batch: int = 1
) -> Scripted:
    """Put a scripted carrier in the place of the account's."""
    known = carriers.offer(account)
    offer = CarrierOffer(batch, known.poll, tells_changes=known.tells_changes, tells_whole=known.tells_whole)
    found = Scripted(offer, answer)
    monkeypatch.setattr("carriers.services.provider", lambda *_given: found)
    return found


def told(shipment: Shipment) -> list[tuple[str, str, str, bool]]:
    """Kind, raw word, status and correction of the entries of a parcel's carrier, by their times."""
    rows = TimelineEntry.objects.filter(shipment=shipment, source="carrier").order_by("happened_at", "pk")
    return list(rows.values_list("kind", "code", "status", "correction"))
