"""A page of changes that cannot be read: kept, tried again, and in the end passed over with nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from backoffice import payloads
from backoffice.errors import Temporary, Unreadable
from backoffice.models import RawPayload
from carriers.models import CarrierAccount
from carriers.types import Page
from orders import tasks, wording
from orders.models import Attention, Shipment
from orders.services import actors
from orders.services.shipping import feeds, shipments, tracking
from orders.services.shipping.shipments import Wanted
from sandbox.server import RunningSandbox
from tests.orders.tracking.parcels import (
    Scripted,
    carrier_account,
    dellin,
    event,
    measoft,
    not_found,
    order_of,
    script,
    shop_account,
    snapshot,
)

pytestmark = pytest.mark.django_db
NEW = event("NEW")
NUMBERS = ["A0", "A1", "A2", "A3", "A4"]
Many = list[Page | Unreadable]


def broken() -> Unreadable:
    error = Unreadable("unreadable", "not well-formed XML", path="/")
    error.body = b"<statusreq><order>"
    return error


@pytest.fixture
def couriers() -> CarrierAccount:
    """With parcels that are open, final a day ago, final long ago, and taken off."""
    account, later = carrier_account(), timezone.now() + timedelta(hours=9)
    order = order_of(shop_account(), "1001")
    shipments.attach_many([Wanted(order.pk, account.pk, number) for number in NUMBERS], actor=actors.SYSTEM)
    Shipment.objects.update(next_poll_at=later)
    rows = Shipment.objects.filter
    rows(number="A1").update(finality="final", final_at=timezone.now() - timedelta(days=1))
    rows(number="A2").update(finality="final", final_at=timezone.now() - timedelta(days=30), next_poll_at=None)
    rows(number="A3").update(detached_at=timezone.now(), next_poll_at=None)
    return account


class Feed(Scripted):
    """Its changes are played in turn; each is a page, or cannot be read."""

    plays: Many

    def changed(self, cursor: str) -> Page:
        self.cursors.append(cursor)
        play = self.plays.pop(0)
        if isinstance(play, Unreadable):
            raise play
        return play


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch, couriers: CarrierAccount) -> Feed:
    known = script(monkeypatch, couriers, not_found)
    found = Feed(known.offer, not_found)
    monkeypatch.setattr("carriers.services.provider", lambda *_given: found)
    return found


def pull(account: CarrierAccount, times: int = 1) -> int:
    """Pull so often; returns how often it failed."""
    failed = 0
    for _each in range(times):
        account.refresh_from_db()
        try:
            tracking.pull_changes(account)
        except Unreadable:
            failed += 1
    account.refresh_from_db()
    return failed


def due() -> list[str]:
    rows = Shipment.objects.filter(next_poll_at__lte=timezone.now()).order_by("number")
    return list(rows.values_list("number", flat=True))


def test_a_page_that_cannot_be_read_waits_and_is_kept(couriers: CarrierAccount, feed: Feed) -> None:
    couriers.cursors = {"changes": "place 7"}
    couriers.save()
    feed.plays = [broken() for _try in range(9)]

    assert pull(couriers, 9) == 9

    assert feed.cursors == ["place 7"] * 9
    assert (feed.committed, due()) == ([], [])
    (question,) = Attention.objects.all()
    assert (question.kind, question.key, question.count) == ("sync_failing", f"sync_failing:{couriers.ref}", 9)
    assert question.payload is not None
    assert payloads.open_payload(question.payload) == b"<statusreq><order>"
    assert RawPayload.objects.count() == 1


def test_after_ten_tries_it_is_passed_over_and_everything_is_asked_about(
    couriers: CarrierAccount, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the raw answer, the question and the parcels' next times; after that the commit."""
    couriers.cursors = {"changes": "place 7"}
    couriers.save()
    feed.plays = [broken() for _try in range(feeds.TRIES)]
    seen: list[tuple[list[str], int]] = []
    monkeypatch.setattr(
        feed, "commit", lambda _page: seen.append((due(), RawPayload.objects.filter(endpoint="changes").count()))
    )

    assert pull(couriers, feeds.TRIES) == feeds.TRIES - 1

    assert seen == [(["A0", "A1", "A4"], 1)]
    assert couriers.cursors["changes"] == "after place 7"
    assert couriers.last_error == ""
    assert Attention.objects.get(key=f"sync_failing:{couriers.ref}").resolved_at is not None
    question = Attention.objects.get(key=f"sync_failing:changes:{couriers.ref}")
    assert (question.resolved_at, question.severity) == (None, "warning")
    assert question.facts == {"skipped": 10, "parcels": 3, "detail": "not well-formed XML", "carrier": "measoft"}
    assert question.payload is not None
    assert payloads.open_payload(question.payload) == b"<statusreq><order>"
    assert question.payload.expires_at is None


def test_the_next_page_is_read_as_ever(couriers: CarrierAccount, feed: Feed) -> None:
    page = Page(snapshots=(snapshot("A0", NEW),), cursor="place 8")
    feed.plays = [*(broken() for _try in range(feeds.TRIES)), page]
    pull(couriers, feeds.TRIES)
    couriers.cursors = {**couriers.cursors, "changes_at": "2026-01-01T00:00:00+00:00"}
    couriers.save()

    assert pull(couriers) == 0

    assert Shipment.objects.get(number="A0").status == "pending"
    assert feeds.BROKEN not in couriers.cursors
    assert couriers.cursors["changes"] == "place 8"


def test_one_that_mends_itself_is_not_passed_over(couriers: CarrierAccount, feed: Feed) -> None:
    page = Page(cursor="place 8")
    feed.plays = [*(broken() for _try in range(9)), page, *(broken() for _try in range(9))]

    assert pull(couriers, 10) == 9
    couriers.cursors = {name: value for name, value in couriers.cursors.items() if name != "changes_at"}
    couriers.save()
    assert pull(couriers, 9) == 9

    assert (due(), len(feed.committed)) == ([], 1)
    assert Attention.objects.filter(key__startswith="sync_failing:changes").count() == 0


def test_a_carrier_that_stays_broken_has_all_asked_about_once_an_hour(couriers: CarrierAccount, feed: Feed) -> None:
    feed.plays = [broken() for _try in range(100)]
    pull(couriers, feeds.TRIES)
    Shipment.objects.update(next_poll_at=timezone.now() + timedelta(hours=9))
    couriers.cursors = {name: value for name, value in couriers.cursors.items() if name != "changes_at"}
    couriers.save()

    assert pull(couriers, 20) == 20
    assert (due(), len(feed.committed)) == ([], 1)

    hour_ago = (timezone.now() - feeds.PAUSE).isoformat()
    couriers.cursors = {**couriers.cursors, feeds.BROKEN: {**couriers.cursors[feeds.BROKEN], "left_at": hour_ago}}
    couriers.save()
    assert pull(couriers) == 0
    assert (due()[:2], len(feed.committed)) == (["A0", "A1"], 2)
    question = Attention.objects.get(key=f"sync_failing:changes:{couriers.ref}")
    assert question.count == 2
    assert RawPayload.objects.filter(endpoint="changes").count() == 1


def test_a_commit_that_fails_leaves_the_page_and_asks_about_all_the_same(
    couriers: CarrierAccount, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.plays = [broken() for _try in range(feeds.TRIES)]

    def fail(_page: Page) -> None:
        raise Temporary("down")

    monkeypatch.setattr(feed, "commit", fail)
    pull(couriers, feeds.TRIES - 1)
    with pytest.raises(Temporary):
        tracking.pull_changes(couriers)

    assert due() == ["A0", "A1", "A4"]
    assert Attention.objects.filter(key__startswith="sync_failing:changes").count() == 1


@pytest.mark.parametrize("kind", ["measoft", "dellin"])
def test_with_the_stand_ins(upstream: RunningSandbox, kind: str) -> None:
    box = getattr(upstream, kind)
    many = {"all": {"capacity": 500, "interval": 0.1}}
    account = measoft(upstream, limits=many) if kind == "measoft" else dellin(upstream, token=True, limits=many)
    order = order_of(shop_account(), "1001")
    known, other = box.make(count=2)
    shipments.attach(order.pk, account.pk, known, actor=actors.SYSTEM)
    tasks.track_parcels(account.pk)
    box.step(known)
    before = Shipment.objects.get()
    upstream.fault("half", "/v3/orders.json" if kind == "dellin" else "/statusreq", times=feeds.TRIES)

    for _try in range(feeds.TRIES):
        tasks.pull_parcel_changes(account.pk)
    tasks.track_parcels(account.pk)

    after = Shipment.objects.get()
    assert (before.raw_status, after.raw_status) == (before.raw_status, box.code(known))
    assert before.raw_status != after.raw_status
    question = Attention.objects.get(key=f"sync_failing:changes:{account.ref}")
    assert question.facts["parcels"] == 1
    assert question.payload is not None
    if kind == "measoft":
        assert box.waiting("101") == []
    CarrierAccount.objects.update(cursors={})
    box.step(other)
    tasks.pull_parcel_changes(account.pk)
    account.refresh_from_db()
    assert account.last_error == ""


@pytest.fixture
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.usefixtures("_english")
def test_the_question_says_what_was_skipped(couriers: CarrierAccount, feed: Feed) -> None:
    feed.plays = [broken() for _try in range(feeds.TRIES)]
    pull(couriers, feeds.TRIES)

    title, todo = wording.attention_text(Attention.objects.get(resolved_at=None))

    assert title == "What the carrier says has changed could not be read and was passed over: not well-formed XML"
    assert todo.startswith("3 parcels are asked about by their numbers instead")
