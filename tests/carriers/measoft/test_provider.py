"""What is asked of MeaSoft, and the feed of changes: stored first, committed after."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest

from backoffice.errors import Invalid, RateLimited, Refused, Temporary
from carriers.providers.measoft import build, offer
from carriers.statuses import TrackingStatus
from carriers.types import Page, Problem, ProblemKind
from tests.carriers.support import Notes, Script

from .support import PASSWORD, answer, bench, connection, order, snapshot, status

NEW = status("NEW", "2026-11-20 14:08:43", "2026-11-20 17:08:43")
DONE = status("COMPLETE", "2026-11-21 09:40:12", "2026-11-21 12:40:10")
NOTHING = '<statusreq count="0"/>'
COMMITTED = '<commitlaststatus error="0" errormsg="OK" errormsgru="Успешно"/>'


def parts(request: Element) -> list[tuple[str, str]]:
    """What stands below the root, but for who we are."""
    return [(child.tag, child.text or "") for child in request if child.tag != "auth"]


def test_who_we_are_is_in_every_call() -> None:
    desk = bench(NOTHING)

    desk.carrier.track(["MW-1"])

    (request,) = desk.requests
    assert (request.tag, request[0].tag) == ("statusreq", "auth")
    assert request[0].attrib == {"extra": "8", "login": "shop", "pass": PASSWORD}
    (sent,) = desk.script.sent
    assert (sent.method, sent.path, sent.write) == ("POST", "/", False)
    assert sent.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<statusreq>')


def test_one_number_is_one_call() -> None:
    desk = bench(answer(order("MW-1", DONE)))

    (reply,) = desk.carrier.track([" MW-1 "])

    assert parts(desk.requests[0]) == [("client", "CLIENT"), ("orderno", "MW-1")]
    assert snapshot(reply).number == "MW-1"
    with pytest.raises(Invalid, match="too_many"):
        desk.carrier.track(["MW-1", "MW-2"])


@pytest.mark.parametrize("number", ["", "   ", "x" * 51, "a\nb", "\x00", "a\uffffb"])
def test_a_number_that_is_none_is_not_sent(number: str) -> None:
    """An empty one would bring all orders there are."""
    desk = bench()

    (reply,) = desk.carrier.track([number])

    assert isinstance(reply, Problem)
    assert (reply.number, reply.kind, desk.script.sent) == (number, ProblemKind.NOT_FOUND, [])
    with pytest.raises(Invalid, match="number"):
        desk.carrier.clean_number(number)


def test_text_is_escaped() -> None:
    number = 'Заказ №1 & "Ко" <1>'
    desk = bench(NOTHING, extra="8 & 9")

    desk.carrier.track([number])

    assert b"8 &amp; 9" in desk.script.sent[0].body
    assert parts(desk.requests[0])[1] == ("orderno", number)


def test_options_travel() -> None:
    page = answer(order("MW-1", DONE, code="77"))
    desk = bench(page, NOTHING, client="AGENT", quickstatus="NO", key="ordercode", streamid="555")

    desk.carrier.track(["77"])
    desk.carrier.changed("")

    assert parts(desk.requests[0]) == [("client", "AGENT"), ("ordercode", "77"), ("quickstatus", "NO")]
    assert parts(desk.requests[1]) == [("client", "AGENT"), ("changes", "ONLY_LAST"), ("streamid", "555")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extra", ""),
        ("client", "ME"),
        ("streamid", 99),
        ("streamid", 10_001),
        ("streamid", "many"),
        ("key", "barcode"),
        ("quickstatus", "MAYBE"),
        ("changes", "perhaps"),
        ("limits", "{"),
        ("limits", {"nothing": {"capacity": 1}}),
    ],
)
def test_options_that_make_no_sense(name: str, value: object) -> None:
    with pytest.raises(Invalid) as found:
        bench(**{name: value})

    assert (found.value.code, found.value.facts) == ("option", {"option": name})


def test_an_order_of_another_number_is_not_ours() -> None:
    desk = bench(answer(order("MW-2", DONE)))

    assert desk.carrier.track(["MW-1"]) == [Problem("MW-1", ProblemKind.NOT_FOUND)]
    assert desk.notes.drift == [("order", "value", "an order that was not asked for")]


def test_two_orders_with_one_number_are_ambiguous() -> None:
    """Numbers are unique within a calendar year only (contract 1.6)."""
    desk = bench(answer(order("MW-1", DONE, code="1"), order("MW-1", NEW, code="2")))

    (reply,) = desk.carrier.track(["MW-1"])

    assert isinstance(reply, Problem)
    assert (reply.number, reply.kind) == ("MW-1", ProblemKind.AMBIGUOUS)


@pytest.mark.parametrize("turned", [False, True])
def test_one_order_told_twice_is_one(turned: bool) -> None:
    orders = [order("MW-1", NEW), order("MW-1", DONE)]

    (reply,) = bench(answer(*(reversed(orders) if turned else orders))).carrier.track(["MW-1"])

    assert snapshot(reply).current.code == "COMPLETE"


def test_find_by_the_shops_own_number() -> None:
    desk = bench(answer(order("MW-1", DONE, code="77")), NOTHING, key="ordercode")

    (reply,) = desk.carrier.find("MW-1")

    assert (snapshot(reply).number, snapshot(reply).own_number) == ("77", "MW-1")
    assert parts(desk.requests[0]) == [("client", "CLIENT"), ("orderno", "MW-1")]
    assert desk.carrier.find("MW-1") == []


def test_changes_are_stored_before_they_are_committed() -> None:
    page = answer(order("MW-1", DONE, NEW, DONE, code="1"), order("MW-2", NEW, code="2"))
    desk = bench(page, COMMITTED)

    found = desk.carrier.changed("")

    assert [(each.number, each.current.code, each.complete) for each in found.snapshots] == [
        ("MW-1", "COMPLETE", True),
        ("MW-2", "NEW", False),
    ]
    assert (found.changed, found.broken, found.more) == ((), (), True)
    assert parts(desk.requests[0]) == [("client", "CLIENT"), ("changes", "ONLY_LAST"), ("streamid", "101")]
    assert len(desk.script.sent) == 1

    desk.carrier.commit(found)

    assert desk.requests[1].tag == "commitlaststatus"
    assert parts(desk.requests[1]) == [("client", "CLIENT"), ("streamid", "101")]


def test_an_empty_page_is_not_committed() -> None:
    """It would take what came in since."""
    desk = bench(NOTHING)

    desk.carrier.commit(desk.carrier.changed(""))

    assert len(desk.script.sent) == 1


def test_pages_until_one_is_empty_or_comes_again() -> None:
    """How many orders an answer holds is not known; a commit that is not heeded must not turn the same page for ever."""
    first, second = answer(order("MW-1", NEW)), answer(order("MW-2", NEW))
    desk = bench(first, second, second, NOTHING)

    pages, cursor = [], ""
    for _call in range(4):
        pages.append(desk.carrier.changed(cursor))
        cursor = pages[-1].cursor

    assert [page.more for page in pages] == [True, True, False, False]
    assert (pages[2].snapshots, cursor) == (pages[1].snapshots, "")


def test_a_commit_that_fails_is_said_so() -> None:
    desk = bench('<commitlaststatus error="13" errormsg="mysql error"/>')

    with pytest.raises(Temporary):
        desk.carrier.commit(Page(receipt=("1",)))


def test_a_commit_that_names_its_orders() -> None:
    desk = bench(answer(order("MW-1", NEW, code="1"), order("MW-2", NEW, code="2")), COMMITTED, commit_orders="yes")

    desk.carrier.commit(desk.carrier.changed(""))

    assert [child.text for child in desk.requests[1].iterfind("acs/ac")] == ["1", "2"]


@pytest.mark.parametrize("named", [False, True])
def test_a_page_that_cannot_be_read_is_committed_unread(named: bool) -> None:
    """Its orders cannot be named, also where a commit names them otherwise."""
    desk = bench(COMMITTED, commit_orders=named)

    page = desk.carrier.pass_over("place")
    desk.carrier.commit(page)

    assert (page.snapshots, page.broken, page.cursor, page.more) == ((), (), "", False)
    (request,) = desk.requests
    assert (request.tag, parts(request)) == ("commitlaststatus", [("client", "CLIENT"), ("streamid", "101")])
    with pytest.raises(Refused, match="not_offered"):
        bench(changes=False).carrier.pass_over("")


def test_one_broken_order_in_the_feed_takes_none_with_it() -> None:
    page = answer(order("MW-1", "<status/>"), order("", NEW, code=""), order("Ж" * 2**20, NEW), order("MW-2", NEW))

    found = bench(page).carrier.changed("")

    assert [each.number for each in found.snapshots] == ["MW-2"]
    assert [(each.number, each.kind) for each in found.broken] == [
        ("MW-1", ProblemKind.UNREADABLE),
        ("", ProblemKind.UNREADABLE),
        ("Ж" * 80, ProblemKind.UNREADABLE),
    ]


def test_without_the_feed() -> None:
    desk = bench(changes="off")

    with pytest.raises(Refused, match="not_offered"):
        desk.carrier.changed("")

    assert desk.script.sent == []
    assert desk.carrier.offer.tells_changes is False


def test_the_offer() -> None:
    """With the feed every parcel is asked for once a day, without it as often as its status wants."""
    feed, polling = offer(connection()), offer(connection(changes=False))

    assert (feed.batch, feed.tells_changes, feed.tells_whole, feed.commits, feed.tells_returns) == (
        1,
        True,
        True,
        True,
        False,
    )
    assert set(feed.poll.values()) == {timedelta(days=1)}
    assert polling.poll[TrackingStatus.OUT_FOR_DELIVERY] == timedelta(minutes=15)
    assert polling.poll[TrackingStatus.IN_TRANSIT] == timedelta(hours=2)
    assert set(polling.poll) == set(TrackingStatus)
    assert (feed.final_every, feed.final_for) == (timedelta(days=1), timedelta(days=14))


def test_check_is_one_harmless_read() -> None:
    desk = bench(NOTHING)

    desk.carrier.check()

    assert parts(desk.requests[0]) == [("client", "CLIENT"), ("orderno", "check-0")]


def test_one_call_at_a_time_and_never_over_the_budget() -> None:
    desk = bench(NOTHING)
    desk.notes.refuse.append(RateLimited("budget"))

    with pytest.raises(RateLimited):
        desk.carrier.track(["MW-1"])
    assert desk.script.sent == []
    desk.carrier.track(["MW-1"])

    ((name, most),) = desk.notes.slots
    assert most == 1
    assert name.startswith("measoft:")
    assert "shop" not in name
    assert [list(rules) for rules in desk.notes.taken] == [["calls"]]


def test_one_bucket_of_its_own() -> None:
    desk = bench(NOTHING, limits='{"all": {"capacity": 3, "interval": 20}}')

    desk.carrier.track(["MW-1"])

    ((rules,),) = [list(taken.items()) for taken in desk.notes.taken]
    assert (rules[0], rules[1].capacity, rules[1].interval) == ("all", 3, 20)


def test_an_address_that_may_not_be_called() -> None:
    bad = connection()
    bad = type(bad)("http://example.com/api/", bad.dialect, bad.options, bad.credentials)

    with pytest.raises(Invalid):
        build(bad, gate=Notes(), drift=Notes())
    assert build(bad, gate=Notes(), drift=Notes(), http=Script()).kind == "measoft"
