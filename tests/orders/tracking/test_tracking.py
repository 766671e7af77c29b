"""What carriers say of parcels: into the timeline and the shipment, however late, doubled or corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from backoffice import payloads
from carriers.models import CarrierAccount
from carriers.statuses import Change, Finality, Meaning, TrackingStatus
from carriers.types import Problem, ProblemKind
from orders.enums import AttentionKind
from orders.models import Attention, MarketplaceAction, Shipment, TimelineEntry
from orders.services import actors
from orders.services.shipping import shipments, tracking
from orders.services.shipping.parcels import Moved
from tests.orders.statements import counted
from tests.orders.tracking.parcels import (
    START,
    carrier_account,
    event,
    not_found,
    order_of,
    shop_account,
    snapshot,
    told,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

NEW, ACCEPTED, OUT, DONE = (
    event(word, hours) for hours, word in enumerate(("NEW", "ACCEPTED", "DELIVERY", "COMPLETE"))
)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def moved(monkeypatch: pytest.MonkeyPatch) -> list[Moved]:
    """What reactions and divergence were told of, instead of them."""
    found: list[Moved] = []
    monkeypatch.setattr("orders.services.reacting.reactions.consider", lambda rows, **_more: found.extend(rows))
    monkeypatch.setattr("orders.services.reacting.divergence.refresh", lambda ids, **_more: None)
    return found


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account(changes="no")


@pytest.fixture
def parcel(couriers: CarrierAccount) -> Shipment:
    found = shipments.attach(order_of(shop_account(), "1001").pk, couriers.pk, "A1", actor=actors.SYSTEM)
    Shipment.objects.update(created_at=NOW - timedelta(days=1))
    found.refresh_from_db()
    return found


def say(parcel: Shipment, *events: object, minutes: float = 0, **more: object) -> tracking.Applied:
    """The carrier tells these events, the last one as its present word."""
    reply = snapshot(parcel.number, *events, **more)  # type: ignore[arg-type]  # events of the tests
    applied = tracking.apply(parcel.carrier_account, [reply], NOW + timedelta(minutes=minutes))
    parcel.refresh_from_db()
    return applied


def asked(kind: AttentionKind) -> list[dict[str, object]]:
    return list(Attention.objects.filter(kind=kind, resolved_at=None).values_list("facts", flat=True))


def test_a_first_history_becomes_entries_and_a_status(parcel: Shipment, moved: list[Moved]) -> None:
    applied = say(parcel, NEW, ACCEPTED, OUT)

    assert applied == tracking.Applied(told=1, news=1, moved=1)
    assert (parcel.status, parcel.finality, parcel.raw_status, parcel.raw_title) == (
        "out_for_delivery", "open", "DELIVERY", "Delivery",
    )  # fmt: skip
    assert (parcel.changed_at, parcel.checked_at, parcel.news_at, parcel.final_at) == (NOW, NOW, NOW, None)
    assert parcel.next_poll_at == NOW + timedelta(minutes=15)
    assert told(parcel) == [
        ("tracking", "NEW", "pending", False),
        ("tracking", "ACCEPTED", "in_transit", False),
        ("tracking", "DELIVERY", "out_for_delivery", False),
    ]
    (move,) = moved
    assert (move.before, move.after, move.change) == (None, OUT.meaning, Change.FIRST)
    assert len(move.entries) == 3


def test_an_entry_tells_whose_clock_it_is(parcel: Shipment) -> None:
    local = datetime(2026, 11, 20, 14, 5)
    say(
        parcel,
        event("NEW", happened_at=datetime.fromisoformat("2026-11-20T10:00:00+03:00")),
        event("ACCEPTED", 5, local_time=local, place="Novosibirsk", title="Принят", message="Ivanov took it"),
    )

    first, second = TimelineEntry.objects.filter(kind="tracking").order_by("happened_at")
    assert {name: first.data[name] for name in ("local", "offset")} == {
        "local": "2026-11-20T10:00:00", "offset": "+03:00",
    }  # fmt: skip
    assert first.happened_at == START
    assert (second.data["local"], second.data["place"], second.data["title"]) == (
        "2026-11-20T14:05:00", "Novosibirsk", "Принят",
    )  # fmt: skip
    assert "offset" not in second.data
    assert "Ivanov" not in str(second.data)
    assert (second.happened_at, second.recorded_at) == (START + timedelta(hours=5), NOW)


def test_a_time_without_zone_alone_is_read_by_our_clock(parcel: Shipment) -> None:
    local = datetime(2026, 11, 20, 14, 5)
    say(parcel, event("NEW", happened_at=None, local_time=local))

    entry = TimelineEntry.objects.get(kind="tracking")
    assert entry.happened_at == datetime(2026, 11, 20, 11, 5, tzinfo=UTC)  # Moscow
    assert entry.data["clock"] == "local"


def test_the_same_again_writes_only_the_times_of_asking(parcel: Shipment, moved: list[Moved]) -> None:
    say(parcel, NEW, ACCEPTED)
    before = (parcel.version, parcel.changed_at, parcel.news_at, parcel.raw_id)

    applied = say(parcel, NEW, ACCEPTED, minutes=10)

    assert applied == tracking.Applied(told=1)
    assert (parcel.version, parcel.changed_at, parcel.news_at, parcel.raw_id) == before
    assert parcel.checked_at == NOW + timedelta(minutes=10)
    assert (len(told(parcel)), len(moved)) == (2, 1)


def test_an_answer_from_before_a_later_one_changes_nothing(parcel: Shipment, moved: list[Moved]) -> None:
    say(parcel, NEW, ACCEPTED, OUT)

    applied = say(parcel, NEW, minutes=-1)

    assert applied == tracking.Applied()
    assert (parcel.status, parcel.checked_at, len(told(parcel)), len(moved)) == ("out_for_delivery", NOW, 3, 1)


def test_the_raw_answer_is_kept_encrypted(parcel: Shipment) -> None:
    say(parcel, NEW)

    raw = parcel.raw
    assert raw is not None
    assert (raw.upstream, raw.account_id, raw.endpoint, raw.subject) == (
        "measoft", parcel.carrier_account_id, "track", "A1",
    )  # fmt: skip
    assert payloads.open_payload(raw) == b"<order/>"
    assert b"order" not in bytes(raw.body)


def test_delivered_is_provisional_then_final(parcel: Shipment, moved: list[Moved]) -> None:
    said = event("COURIERDELIVERED", 2.5)
    say(parcel, NEW, said)
    assert (parcel.status, parcel.finality, parcel.final_at) == ("delivered_unconfirmed", "provisional", None)

    say(parcel, NEW, said, DONE, minutes=5)

    assert (parcel.status, parcel.finality) == ("delivered", "final")
    assert parcel.final_at == NOW + timedelta(minutes=5)
    assert parcel.next_poll_at == NOW + timedelta(days=1, minutes=5)
    assert [each.change for each in moved] == [Change.FIRST, Change.PROGRESS]


def test_a_correction_is_recorded_raised_and_reverses_nothing(parcel: Shipment, moved: list[Moved]) -> None:
    say(parcel, NEW, OUT, DONE)
    back = event("NEW", 6)

    say(parcel, NEW, OUT, DONE, back, minutes=30)

    assert (parcel.status, parcel.finality, parcel.final_at) == ("pending", "open", None)
    assert told(parcel)[-1] == ("tracking", "NEW", "pending", True)
    assert [each.change for each in moved] == [Change.FIRST, Change.CORRECTION]
    assert moved[1].before == Meaning(TrackingStatus.DELIVERED, Finality.FINAL)
    (facts,) = asked(AttentionKind.TRACKING_CORRECTION)
    assert (facts["from"], facts["to"], facts["number"]) == ("delivered", "pending", "A1")
    assert MarketplaceAction.objects.count() == 0


def test_a_correction_inside_a_first_history_is_shown_and_not_raised(parcel: Shipment) -> None:
    say(parcel, NEW, DONE, event("NEW", 6))

    assert [row[-1] for row in told(parcel)] == [False, False, True]
    assert asked(AttentionKind.TRACKING_CORRECTION) == []


def test_a_late_event_is_in_its_place_and_says_when_it_was_learned(parcel: Shipment) -> None:
    say(parcel, NEW, OUT)
    say(parcel, NEW, ACCEPTED, OUT, minutes=180)

    assert [code for _kind, code, *_rest in told(parcel)] == ["NEW", "ACCEPTED", "DELIVERY"]
    late = TimelineEntry.objects.get(code="ACCEPTED")
    assert (late.recorded_at, late.correction) == (NOW + timedelta(minutes=180), False)
    assert parcel.status == "out_for_delivery"


def test_what_vanishes_from_a_whole_history_is_taken_back(parcel: Shipment, moved: list[Moved]) -> None:
    say(parcel, NEW, OUT, DONE)

    say(parcel, NEW, OUT, minutes=10)

    assert parcel.status == "out_for_delivery"
    assert ("tracking_retracted", "COMPLETE", "delivered", True) in told(parcel)
    assert moved[-1].change == Change.CORRECTION
    gone = TimelineEntry.objects.get(kind="tracking_retracted")
    assert moved[-1].entries == (gone.dedupe_key,)
    assert gone.data["said_at"] == (START + timedelta(hours=3)).isoformat()

    say(parcel, NEW, OUT, DONE, minutes=20)
    say(parcel, NEW, OUT, minutes=30)
    kinds = [kind for kind, code, *_rest in told(parcel) if code == "COMPLETE"]
    assert kinds.count("tracking") == 2
    assert kinds.count("tracking_retracted") == 2


def test_the_events_themselves_are_read_where_one_is_not_told_any_more(parcel: Shipment, moved: list[Moved]) -> None:
    say(parcel, NEW, OUT)
    with counted() as told_whole:
        say(parcel, NEW, OUT, DONE, minutes=10)
    with counted() as told_less:
        say(parcel, NEW, OUT, minutes=20)

    about = [
        [sql for sql in found if sql.startswith("SELECT") and "timelineentry" in sql]
        for found in (told_whole, told_less)
    ]
    assert [len(found) for found in about] == [1, 2]


def test_a_history_that_is_not_whole_takes_nothing_back(parcel: Shipment) -> None:
    say(parcel, NEW, ACCEPTED, OUT)
    say(parcel, OUT, DONE, complete=False, minutes=10)

    assert [kind for kind, *_rest in told(parcel)] == ["tracking"] * 4


def test_bare_words_are_told_when_they_change(parcel: Shipment) -> None:
    bare = {word: event(word, happened_at=None) for word in ("NEW", "DELIVERY")}
    for minutes, word in enumerate(("NEW", "NEW", "DELIVERY", "NEW")):
        say(parcel, bare[word], complete=False, minutes=minutes)

    assert [(code, status) for _kind, code, status, _back in told(parcel)] == [
        ("NEW", "pending"), ("DELIVERY", "out_for_delivery"), ("NEW", "pending"),
    ]  # fmt: skip
    assert len(asked(AttentionKind.TRACKING_CORRECTION)) == 1


def test_a_server_that_stops_telling_times_doubles_and_takes_back_nothing(parcel: Shipment) -> None:
    say(parcel, NEW, OUT)
    bare = [event(word, happened_at=None) for word in ("NEW", "DELIVERY")]
    say(parcel, *bare, minutes=10)

    assert told(parcel) == [("tracking", "NEW", "pending", False), ("tracking", "DELIVERY", "out_for_delivery", False)]


def test_an_unknown_word_moves_nothing_and_is_raised_once_a_word(parcel: Shipment, moved: list[Moved]) -> None:
    other = shipments.attach(parcel.order_id, parcel.carrier_account_id, "A2", actor=actors.SYSTEM)
    say(parcel, NEW, OUT)
    say(parcel, NEW, OUT, event("TELEPORTED", 4), minutes=10)

    assert (parcel.status, parcel.raw_status, len(moved)) == ("out_for_delivery", "TELEPORTED", 1)
    assert told(parcel)[-1] == ("tracking", "TELEPORTED", "", False)
    (facts,) = asked(AttentionKind.TRACKING_UNKNOWN)
    assert facts == {"number": "A1", "word": "TELEPORTED", "carrier": "measoft"}

    Attention.objects.update(resolved_at=timezone.now())
    say(other, NEW, event("TELEPORTED", 5), minutes=20)
    assert (other.status, asked(AttentionKind.TRACKING_UNKNOWN)) == ("unknown", [])


def test_a_word_that_needs_a_look_is_raised_until_another_comes(parcel: Shipment) -> None:
    say(parcel, NEW, event("UNCONFIRM", 1))
    assert parcel.needs_look
    (facts,) = asked(AttentionKind.TRACKING_LOOK)
    assert (facts["number"], facts["to"], facts["word"]) == ("A1", "on_hold", "UNCONFIRM")

    say(parcel, NEW, event("UNCONFIRM", 1), OUT, minutes=10)
    assert (parcel.needs_look, asked(AttentionKind.TRACKING_LOOK)) == (False, [])


def test_a_flag_that_no_event_tells_has_an_entry_of_its_own(parcel: Shipment, moved: list[Moved]) -> None:
    returning = Meaning(TrackingStatus.RETURNING)
    say(parcel, NEW, OUT, returned=False)
    say(parcel, NEW, OUT, returned=True, meaning=returning, minutes=10)

    assert (parcel.status, parcel.returned) == ("returning", True)
    assert [status for *_rest, status, _back in told(parcel)] == ["pending", "out_for_delivery", "returning"]
    assert [each.after.status for each in moved] == ["out_for_delivery", "returning"]


def test_a_parcel_that_is_not_found_is_raised_after_the_grace_and_settled(parcel: Shipment) -> None:
    account = parcel.carrier_account
    Shipment.objects.update(created_at=NOW)
    for hours in (0, 1, 5):
        tracking.apply(account, [not_found("A1")], NOW + timedelta(hours=hours))
    parcel.refresh_from_db()
    assert (parcel.problem, parcel.problem_detail, parcel.status) == ("not_found", "no such order", "unknown")
    assert parcel.next_poll_at == NOW + timedelta(hours=6)
    assert asked(AttentionKind.TRACKING_PROBLEM) == []

    tracking.apply(account, [not_found("A1")], NOW + timedelta(hours=6))
    (facts,) = asked(AttentionKind.TRACKING_PROBLEM)
    assert (facts["number"], facts["problem"]) == ("A1", "not_found")

    say(parcel, NEW, minutes=600)
    assert (parcel.problem, parcel.problem_detail, asked(AttentionKind.TRACKING_PROBLEM)) == ("", "", [])


def test_one_bad_answer_about_a_known_parcel_raises_nothing(parcel: Shipment) -> None:
    say(parcel, NEW)
    unreadable = Problem("A1", ProblemKind.UNREADABLE, "half a document")
    tracking.apply(parcel.carrier_account, [unreadable], NOW + timedelta(days=2))
    say(parcel, NEW, minutes=3 * 24 * 60)

    assert (parcel.problem, Attention.objects.count(), parcel.status) == ("", 0, "pending")


def test_finished_parcels_are_asked_about_for_two_weeks_and_no_more(parcel: Shipment) -> None:
    say(parcel, NEW, DONE)
    day = 24 * 60
    say(parcel, NEW, DONE, minutes=12 * day)
    assert parcel.next_poll_at == NOW + timedelta(days=13)
    say(parcel, NEW, DONE, minutes=13 * day)
    assert parcel.next_poll_at == NOW + timedelta(days=14)
    say(parcel, NEW, DONE, minutes=14 * day)
    assert parcel.next_poll_at is None


def test_answers_about_detached_and_foreign_numbers_are_left_alone(parcel: Shipment, moved: list[Moved]) -> None:
    account = parcel.carrier_account
    shipments.detach(parcel.pk, "wrong", actor=actors.SYSTEM)

    applied = tracking.apply(account, [snapshot("A1", NEW), snapshot("FOREIGN", NEW), not_found("X")], NOW)

    assert (applied, moved, told(parcel)) == (tracking.Applied(), [], [])
