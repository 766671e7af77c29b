"""What is asked for, and what comes of it: lists, look-ups, statuses, codes, buyers (contract 2.3, 2.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from backoffice.errors import Invalid
from orders.enums import CodeKind, CodeState, Stage
from orders.marketplaces.base import CodeVerdict, TaskStatus
from tests.orders.marketplaces.support import Sent

from .support import BUSINESS_ORDERS, CAMPAIGN, ORDERS, Bench, bench, error, order, page

MOSCOW = timezone(timedelta(hours=3))
START = datetime(2026, 11, 20, 21, 30, 15, 400, tzinfo=UTC)
END = datetime(2026, 11, 21, 9, 0, 0, 1, tzinfo=UTC)
NOT_FOUND = (404, error("Order not found: '1'", code="NOT_FOUND"))
DIALECTS = pytest.mark.parametrize("dialect", ["business", "v2"])


def asked(this: Bench) -> list[Sent]:
    """The calls; every one of a read."""
    assert not any(sent.write for sent in this.sent)
    return this.sent


# Lists.


def test_changes_in_the_present_model() -> None:
    """Contract 2.4.1: moments with an offset; the end is not included, so parts of seconds are rounded outwards."""
    this = bench((200, page(order("business", 1), token="t2")))

    found = this.provider.changed_orders(START, END, None)

    (sent,) = asked(this)
    assert (sent.method, sent.path, sent.params) == ("POST", BUSINESS_ORDERS, {"limit": 50})
    assert sent.body == {
        "campaignIds": [int(CAMPAIGN)],
        "fake": False,
        "dates": {"updateDateFrom": "2026-11-21T00:30:15+03:00", "updateDateTo": "2026-11-21T12:00:01+03:00"},
    }
    assert [raw.external_id for raw in found.tasks] == ["1"]
    assert found.next_cursor == "real:t2"


def test_changes_in_the_older_model() -> None:
    this = bench((200, page(order("v2", 1))), dialect="v2")

    found = this.provider.changed_orders(START, END, "real:t9")

    (sent,) = asked(this)
    assert (sent.method, sent.path, sent.body) == ("GET", ORDERS, None)
    assert sent.params == {
        "limit": 50,
        "pageToken": "t9",
        "updatedAtFrom": "2026-11-21T00:30:15+03:00",
        "updatedAtTo": "2026-11-21T12:00:01+03:00",
    }
    assert found.next_cursor == "test:"


@DIALECTS
def test_test_orders_follow_the_real_ones(dialect: str) -> None:
    """Contract 2.9: they are told only when they are asked for; after them those that wait for an answer (2.5)."""
    pages = [
        page(order(dialect, 1), token="a:b"),
        page(order(dialect, 2)),
        page(order(dialect, 3, fake=True), token="c"),
        page(),
        page(order(dialect, 4)),
    ]
    this = bench(*((200, each) for each in pages), dialect=dialect)

    cursor, seen, cursors = None, [], []
    for _page in range(5):
        found = this.provider.changed_orders(START, END, cursor)
        seen += [raw.external_id for raw in found.tasks]
        cursor = found.next_cursor
        cursors.append(cursor)

    assert (seen, cursors) == (["1", "2", "3", "4"], ["real:a:b", "test:", "test:c", "waiting:", None])
    fakes = [(sent.body or sent.params or {}).get("fake") for sent in asked(this)]
    tokens = [(sent.params or {}).get("pageToken") for sent in this.sent]
    assert fakes == ([False, False, True, True, False] if dialect == "business" else [None, None, "true", "true", None])
    assert tokens == [None, "a:b", None, "c", None]
    last = this.sent[-1]
    if dialect == "business":
        assert last.body == {"campaignIds": [7100001], "fake": False, "waitingForCancellationApprove": True}
    else:
        assert last.params == {"limit": 50, "onlyWaitingForCancellationApprove": "true"}


@DIALECTS
def test_without_test_orders(dialect: str) -> None:
    this = bench((200, page()), dialect=dialect, test_orders=False)

    assert this.provider.changed_orders(START, END, None).next_cursor == "waiting:"


@DIALECTS
def test_a_list_that_goes_round_in_circles_ends(dialect: str) -> None:
    this = bench((200, page(token="t")), (200, page(token="t")), dialect=dialect, test_orders=False)

    assert this.provider.changed_orders(START, END, "real:t").next_cursor == "waiting:"
    assert this.provider.finished_orders(START, END, "t").next_cursor is None


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (START, END, (2026, 11, 21), (2026, 11, 22)),
        (datetime(2026, 11, 1, tzinfo=MOSCOW), datetime(2026, 11, 30, tzinfo=MOSCOW), (2026, 11, 1), (2026, 11, 30)),
        (
            datetime(2026, 11, 1, 0, 0, 1, tzinfo=MOSCOW),
            datetime(2026, 11, 30, 0, 0, 1, tzinfo=MOSCOW),
            (2026, 11, 1),
            (2026, 12, 1),
        ),
        (datetime(2026, 11, 5, tzinfo=MOSCOW), datetime(2026, 11, 5, tzinfo=MOSCOW), (2026, 11, 5), (2026, 11, 6)),
    ],
)
def test_days_are_rounded_outwards(
    start: datetime, end: datetime, first: tuple[int, ...], last: tuple[int, ...]
) -> None:
    """Contract 2.4: the end is not included, From is before To, thirty days at most; days are those of Moscow."""
    new, old = bench((200, page(token="x"))), bench((200, page()), dialect="v2")

    assert new.provider.finished_orders(start, end, "t").next_cursor == "x"
    assert old.provider.finished_orders(start, end, None).next_cursor is None

    (sent,) = asked(new)
    since, until = (datetime(*parts).date() for parts in (first, last))  # type: ignore[arg-type]  # year, month, day
    assert sent.params == {"limit": 50, "pageToken": "t"}
    assert sent.body == {
        "campaignIds": [int(CAMPAIGN)],
        "fake": False,
        "dates": {"creationDateFrom": since.isoformat(), "creationDateTo": until.isoformat()},
    }
    (sent,) = asked(old)
    assert sent.params == {"limit": 50, "fromDate": f"{since:%d-%m-%Y}", "toDate": f"{until:%d-%m-%Y}"}
    assert until - since <= timedelta(days=30)


@DIALECTS
def test_a_period_that_is_too_long(dialect: str) -> None:
    this = bench(dialect=dialect)

    for start, end in ((END - timedelta(days=29, seconds=1), END), (END, START)):
        with pytest.raises(Invalid, match="period"):
            this.provider.finished_orders(start, end, None)
        with pytest.raises(Invalid, match="period"):
            this.provider.changed_orders(start, end, None)

    assert this.sent == []


@DIALECTS
def test_what_is_there_now(dialect: str) -> None:
    this = bench((200, page(order(dialect, 1), token="t")), (200, page(order(dialect, 2))), dialect=dialect)

    found = this.provider.new_orders()

    first, second = asked(this)
    wanted = ["PROCESSING", "UNPAID", "PENDING"]
    assert ((first.body or {}).get("statuses") or (first.params or {}).get("status")) == wanted
    assert (second.params or {})["pageToken"] == "t"
    assert [this.provider.parse(raw).external_id for raw in found.tasks] == ["1", "2"]
    assert (found.next_cursor, len(found.digest)) == (None, 64)


@DIALECTS
def test_what_is_there_now_is_known(dialect: str) -> None:
    this = bench(*[(200, page(order(dialect, 1), order(dialect, 2)))] * 3, dialect=dialect)

    first = this.provider.new_orders()

    assert this.provider.new_orders() == first
    assert this.provider.new_orders(first.digest).tasks == ()


@DIALECTS
def test_a_first_look_ends(dialect: str) -> None:
    this = bench(*[(200, page(token=f"t{number}")) for number in range(25)], dialect=dialect)

    this.provider.new_orders()

    assert len(this.sent) == 20


# Orders by number.


def test_a_look_up_in_the_present_model() -> None:
    this = bench((200, page(order("business", 2), order("business", 1))), (200, page(order("business", 9, fake=True))))

    found = this.provider.lookup(["1", "2", "9", "none", "2"])

    assert [sent.body for sent in asked(this)] == [
        {"campaignIds": [int(CAMPAIGN)], "fake": False, "orderIds": [1, 2, 9]},
        {"campaignIds": [int(CAMPAIGN)], "fake": True, "orderIds": [9]},
    ]
    assert [raw.external_id for raw in found.tasks] == ["2", "1", "9"]


def test_a_look_up_of_one_in_the_older_model() -> None:
    this = bench((200, {"order": order("v2", 1)}), (200, page(order("v2", 1))), dialect="v2")

    alone = this.provider.lookup(["1"])
    listed = this.provider.changed_orders(START, END, None)

    assert (this.sent[0].method, this.sent[0].path, this.sent[0].params) == ("GET", f"{ORDERS}/1", None)
    assert alone.tasks == listed.tasks  # the very same bytes are the very same order
    assert len(this.sent) == 2


def test_a_look_up_of_one_that_is_not_there() -> None:
    this = bench(NOT_FOUND, (200, page()), dialect="v2")
    real = bench(NOT_FOUND, dialect="v2", test_orders=False)

    assert this.provider.lookup(["1"]).tasks == ()
    assert this.sent[1].params == {"limit": 50, "fake": "true", "orderIds": ["1"]}
    assert real.provider.lookup(["1"]).tasks == ()


def test_a_look_up_of_several_in_the_older_model() -> None:
    this = bench((200, page(order("v2", 1), order("v2", 2))), dialect="v2")

    found = this.provider.lookup(["1", "2"])

    (sent,) = asked(this)
    assert (sent.path, sent.params) == (ORDERS, {"limit": 50, "orderIds": ["1", "2"]})
    assert [raw.external_id for raw in found.tasks] == ["1", "2"]


@DIALECTS
def test_how_many_may_be_looked_up(dialect: str) -> None:
    this = bench(dialect=dialect)

    assert this.provider.lookup([]).tasks == ()
    assert this.provider.statuses(["x"]) == [TaskStatus("x", {}, None, found=False, detail="NOT_FOUND")]
    with pytest.raises(Invalid, match="too_many"):
        this.provider.lookup([str(number) for number in range(51)])
    assert this.sent == []


@DIALECTS
def test_statuses(dialect: str) -> None:
    orders = [
        order(dialect, 1),
        order(dialect, 2, status="DELIVERY", substatus="DELIVERY_SERVICE_RECEIVED", cancelRequested=True),
        order(dialect, 3, status="SLEEPING", substatus="DEEPLY"),
        order(dialect, 4, items=None),
    ]
    this = bench((200, page(*orders)), (200, page()), dialect=dialect)

    found = {status.external_id: status for status in this.provider.statuses(["1", "2", "3", "4", "5"])}

    assert (found["1"].stage, found["1"].words) == (Stage.NEW, {"status": "PROCESSING", "substatus": "STARTED"})
    assert found["1"].updated_at == datetime(2026, 11, 20, 7, 5, tzinfo=UTC)
    assert (found["2"].stage, found["2"].cancel_requested) == (Stage.DELIVERING, True)
    assert (found["3"].stage, found["3"].found) == (None, True)
    assert found["3"].words == {"status": "SLEEPING", "substatus": "DEEPLY"}
    assert "4" not in found  # it is there, only that it cannot be read
    assert found["5"] == TaskStatus("5", {}, None, found=False, detail="NOT_FOUND")


@DIALECTS
def test_codes_that_an_order_carries(dialect: str) -> None:
    full = "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYB=\x1d"
    instances = [
        {"cis": "0104600439931256215RJZx80hlqAq3", "cisFull": full},
        {"uin": "1234567890123456"},
        {"gtd": "10704010/010624/0000302", "countryCode": "CN"},
        {"rnpt": "10704010/010624/0000302/001", "countryCode": "CN"},
        {"cis": "0104600439931256215SHORT"},
    ]
    made = order(dialect, 1)
    made["items"][0] |= {"count": 5, "instances": instances}
    this = bench((200, page(made, order(dialect, 2))), dialect=dialect)

    found = this.provider.codes(["1", "2"])

    def verdict(kind: CodeKind, value: str, **echo: str) -> CodeVerdict:
        return CodeVerdict("1", kind, value, CodeState.VERIFIED, echo=echo)

    assert found == [
        verdict(CodeKind.SGTIN, full, cis="0104600439931256215RJZx80hlqAq3", cisFull=full),
        verdict(CodeKind.UIN, "1234567890123456", uin="1234567890123456"),
        verdict(CodeKind.GTD, "10704010/010624/0000302", gtd="10704010/010624/0000302", countryCode="CN"),
        verdict(CodeKind.RNPT, "10704010/010624/0000302/001", rnpt="10704010/010624/0000302/001", countryCode="CN"),
        verdict(CodeKind.SGTIN, "0104600439931256215SHORT", cis="0104600439931256215SHORT"),
    ]
