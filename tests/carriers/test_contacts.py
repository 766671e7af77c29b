"""People write phones and e-mail addresses into the free texts of carriers: none of them goes further than the raw answer."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest

from backoffice.errors import CredentialsError, UpstreamError
from carriers.providers.dellin import sessions
from carriers.types import Problem, Reply, Snapshot
from tests.carriers.dellin import support as dellin
from tests.carriers.measoft import support as measoft


@pytest.fixture(autouse=True)
def _no_session() -> None:
    sessions.forget_all()


PHONE, MAIL = "+7 (900) 123-45-67", "ivan@mail.example"
PLANTED = f"Отказ: {PHONE}, {MAIL}"
MASKED = "Отказ: •••, •••"
SPOTS = ("(900", "123-45", "45-67", "ivan", "mail.example")


def shown(*things: Any) -> str:
    """All that may be stored or logged of these: everything but the raw answer."""
    parts: list[str] = []
    for thing in things:
        if isinstance(thing, Snapshot):
            parts += [repr(thing), thing.remark]
        elif isinstance(thing, UpstreamError):
            parts += [repr(thing), str(thing), thing.detail, str(vars(thing).get("request_id", ""))]
        else:
            parts.append(repr(thing))
    return " ".join(parts)


def assert_clean(*things: Any) -> None:
    told = shown(*things)
    assert [spot for spot in SPOTS if spot in told] == []


def quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def asked(reply: Reply) -> Snapshot:
    assert isinstance(reply, Snapshot), reply
    return reply


def test_measoft_in_every_text_of_an_order() -> None:
    told = {"title": PLANTED, "message": PLANTED, "eventstore": PLANTED}
    now = measoft.status("COMPLETE", "2026-11-21 09:40:12", "2026-11-21 12:40:10", **told)
    texts = ("deliveredto", "return_message", "delivereddate", "deliveredtime", "arrival")
    inside = "".join(f"<{name}>{PLANTED}</{name}>" for name in texts)
    inside += f"<receiver><person>{PLANTED}</person><phone>{PHONE}</phone><date>{PLANTED}</date></receiver>"
    desk = measoft.bench(measoft.answer(measoft.order("MW-1", now, now, inside=inside)))

    found = asked(desk.carrier.track(["MW-1"])[0])

    assert_clean(found, desk.notes.drift, desk.notes.samples)
    event = found.current
    assert (event.title, event.message, event.place) == (MASKED, MASKED, MASKED)
    assert found.remark == f"{MASKED} {MASKED}"
    assert found.details == dict.fromkeys(("planned_date", "delivered_date", "delivered_time", "arrival"), MASKED)
    assert PHONE in found.raw.decode()


def test_measoft_in_a_word_that_is_none() -> None:
    desk = measoft.bench(measoft.answer(measoft.order("MW-1", measoft.status(PLANTED, "2026-11-21 09:40:12"))))

    found = asked(desk.carrier.track(["MW-1"])[0])

    assert (found.current.code, found.meaning) == (MASKED, None)
    assert desk.notes.drift == [("order", "value", f"status={MASKED}")]
    assert_clean(found, desk.notes.samples)


def test_measoft_in_new_fields_and_in_times() -> None:
    now = measoft.status("NEW", PLANTED, PLANTED, mood=PLANTED)
    page = measoft.answer(
        measoft.order("MW-1", now, inside=f"<note>{PLANTED}</note>", more=f' hint="{quoted(PLANTED)}"')
    )
    desk = measoft.bench(page)

    found = asked(desk.carrier.track(["MW-1"])[0])

    assert not found.current.dated
    assert len(desk.notes.drift) > 3
    assert_clean(found, desk.notes.drift, desk.notes.samples)


def test_measoft_in_the_refusal_of_an_order() -> None:
    refused = f'<order orderno="MW-1" error="13" errormsg="{quoted(PLANTED)}" errormsgru="{quoted(PLANTED)}"/>'

    (reply,) = measoft.bench(measoft.answer(refused)).carrier.track(["MW-1"])

    assert isinstance(reply, Problem)
    assert reply.detail == MASKED


@pytest.mark.parametrize(
    "body",
    [
        f'<statusreq error="14" errormsg="x" errormsgru="{quoted(PLANTED)}"/>',
        f'<statusreq error="25" errormsg="{quoted(PLANTED)}"/>',
        f'<request><error error="13" errormsg="{quoted(PLANTED)}"/></request>',
        f"<request><error>{PLANTED}</error></request>",
        f'<statusreq error="{quoted(PLANTED)}" errormsg="{quoted(PLANTED)}"/>',
        f"<statusreq><order>{PLANTED}</statusreq>",
        f"<html>{PLANTED}</html>",
        (500, PLANTED),
        (429, PLANTED),
    ],
)
def test_measoft_in_an_error(body: Any) -> None:
    desk = measoft.bench(body)

    with pytest.raises(UpstreamError) as caught:
        desk.carrier.track(["MW-1"])

    assert_clean(caught.value, desk.notes.drift, desk.notes.samples)


def test_measoft_in_the_feed() -> None:
    now = measoft.status("CANCELED", "2026-11-21 09:40:12", title=PLANTED)
    refused = f'<order orderno="MW-2" error="13" errormsg="{quoted(PLANTED)}"/>'
    page = measoft.answer(measoft.order("MW-1", now, inside=f"<deliveredto>{PLANTED}</deliveredto>"), refused)

    found = measoft.bench(page).carrier.changed("")

    assert_clean(*found.snapshots, *found.broken)
    assert (len(found.snapshots), [each.detail for each in found.broken]) == (1, [MASKED])


AT = "2026-11-15T10:00:00+03:00"


def test_dellin_in_every_text_of_a_row() -> None:
    told = {"stateName": PLANTED, "detailedStatusRus": PLANTED, "hint": PLANTED}
    page = dellin.history(dellin.row("inway", AT, **told), dellin.row("inway", PLANTED, **told))
    orders = dellin.journal(
        dellin.entry("400267443", returned=PLANTED, returnReason=PLANTED, returnDate=PLANTED, declineReason=PLANTED)
    )
    desk = dellin.bench(page, dellin.SESSION, orders, pat=dellin.PAT)

    found = asked(desk.carrier.track(["400267443"])[0])

    assert_clean(found, desk.notes.drift, desk.notes.samples)
    assert {event.title for event in found.events} == {f"{MASKED}: {MASKED}"}
    assert found.details == dict.fromkeys(("return_reason", "return_date", "decline_reason"), MASKED)
    assert PHONE in found.raw.decode()


def test_dellin_in_words_that_are_none() -> None:
    desk = dellin.bench(dellin.history(dellin.row(PLANTED, AT), dellin.row("inway", AT, PLANTED)))

    found = asked(desk.carrier.track(["400267443"])[0])

    assert {event.code for event in found.events} == {MASKED, "inway"}
    assert_clean(found, desk.notes.drift, desk.notes.samples)


def test_dellin_in_a_message_about_a_number() -> None:
    page = dellin.history(
        info=[{"number": "1000", "message": f"Заказ не найден, {PHONE}"}, {"number": "2000", "message": PLANTED}]
    )
    desk = dellin.bench(page)

    found = [dellin.problem(reply) for reply in desk.carrier.track(["1000", "2000"])]

    assert [(each.kind, each.detail) for each in found] == [
        ("not_found", "Заказ не найден, •••"),
        ("unreadable", MASKED),
    ]
    assert_clean(desk.notes.drift, desk.notes.samples)


def test_dellin_in_the_refusal_of_a_number() -> None:
    (reply,) = dellin.bench(dellin.refusal(130002, f"Заказ не найден: {PHONE}")).carrier.track(["1000"])

    assert dellin.problem(reply).detail == "Заказ не найден: •••"


@pytest.mark.parametrize("dialect", ["json", "xml"])
@pytest.mark.parametrize(
    "body",
    [
        dellin.refusal(117004, PLANTED),
        dellin.refusal(PLANTED, PLANTED),
        dellin.refusal(1, PLANTED, 401),
        dellin.refusal(1, PLANTED, 500),
        {"metadata": {"status": 400, "detail": PLANTED}, "errors": None},
        {"metadata": {"status": 200}, "errors": {"docid": PLANTED}},
        {"metadata": {"status": 200}, "errors": PLANTED},
        {"metadata": {"status": 200}, "errors": [PLANTED]},
        {"metadata": {"status": PLANTED}, "data": PLANTED},
        f"<html>{PLANTED}</html>",
        f'{{"metadata": "{PLANTED}"',
        (403, PLANTED),
    ],
)
def test_dellin_in_an_error(dialect: str, body: Any) -> None:
    desk = dellin.bench(body, dialect=dialect)

    with pytest.raises(UpstreamError) as caught:
        desk.carrier.track(["1000"])

    assert_clean(caught.value, desk.notes.drift, desk.notes.samples)


def test_dellin_in_the_refusal_of_a_token() -> None:
    desk = dellin.bench(dellin.refusal(1, PLANTED, 401), pat=dellin.PAT)

    with pytest.raises(CredentialsError) as caught:
        desk.carrier.changed("")

    assert caught.value.detail.endswith(MASKED)
    assert_clean(caught.value)
