"""Nothing is heard, however well the calls go: accounts, carriers and jobs against their rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import translation
from django_q.models import Schedule

from backoffice.lease import lease
from backoffice.models import JobState
from carriers.models import CarrierAccount
from carriers.statuses import Finality, TrackingStatus
from orders.enums import Severity, Stage
from orders.models import Attention, MarketplaceAccount, Order, Shipment
from orders.services.shipping import silence
from orders.services.shipping.silence import Heard
from tests.orders.statements import counted

from .diverging import HOUR, NOW, order_at
from .parcels import carrier_account, shop_account

MINUTE = timedelta(minutes=1)


def heard(rhythm: str, ago: timedelta, count: int = 0, **more: Any) -> Heard:
    return Heard(rhythm, "who:1", "Who", NOW - ago, count, **more)


NONSENSE: list[Any] = ["x", -1, None, [], "nan", 1e9]


@pytest.mark.parametrize(
    ("each", "is_silent"),
    [
        (heard("account", 59 * MINUTE), False),
        (heard("account", HOUR), True),
        # No new event for six hours while forty parcels move.
        (heard("events", 6 * HOUR, 40), True),
        (heard("events", 6 * HOUR - MINUTE, 40), False),
        (heard("events", 6 * HOUR, 20), True),
        (heard("events", 600 * HOUR, 19), False),  # so few may well be asleep
        (heard("carrier", 3 * HOUR, 1), True),
        (heard("carrier", 300 * HOUR, 0), False),  # nothing to ask about
        (heard("orders", 24 * HOUR, 42), True),
        (heard("orders", 240 * HOUR, 41), False),  # a small shop
        (heard("job", 15 * MINUTE, 1, pause=15 * MINUTE), True),
        (heard("job", 44 * MINUTE, 15, pause=45 * MINUTE), False),
        # An account knows better.
        (heard("events", 6 * HOUR, 40, options={"quiet_hours": 12}), False),
        (heard("events", 24 * HOUR, 40, options={"quiet_hours": "12"}), True),
        (heard("events", 24 * HOUR - MINUTE, 40, options={"quiet_hours": "12"}), False),
        (heard("events", 1200 * HOUR, 40, options={"quiet_hours": 0}), False),
        (heard("account", 2 * HOUR, options={"quiet_hours": 12}), True),  # that is about its orders
        (heard("account", 2 * HOUR, options={"quiet_call_hours": 12}), False),
        # It is 14:00 here: of what was said at 21:00 six hours of the day have gone by, of what was said at 19:30 half an hour more.
        (heard("events", 17 * HOUR, 40), True),
        (heard("events", 17 * HOUR, 40, options={"night": "20-8:01"}), False),
        (heard("events", 18 * HOUR + 30 * MINUTE, 40, options={"night": "20-8:30"}), True),
        (heard("events", 18 * HOUR + 29 * MINUTE, 40, options={"night": "20-8:30"}), False),
        (heard("events", 6 * HOUR, 40, options={"night": "20-9"}), False),
        (heard("events", 6 * HOUR, 40, options={"night": "no"}), True),
        (heard("events", 6 * HOUR, 40, options={"night": "12-13"}), False),  # a night may be a noon
        (heard("events", 7 * HOUR, 40, options={"night": "12-13"}), True),
        (heard("events", 6 * HOUR, 40, options={"timezone": "Asia/Yekaterinburg"}), True),  # two hours later there
        (heard("events", 6 * HOUR, 40, options={"timezone": "Europe/London"}), False),
        (heard("events", 6 * HOUR, 40, options={"night": "x", "timezone": "Moscow"}), True),
        (heard("carrier", 3 * HOUR, 1, options={"night": "0-23"}), True),  # whether it answers is no question of the day
        # An option that makes no sense is none.
        *((heard("events", 6 * HOUR, 40, options={"quiet_hours": bad}), True) for bad in NONSENSE),
    ],
)  # fmt: skip
def test_who_is_silent(each: Heard, is_silent: bool) -> None:
    assert silence.silent([each], now=NOW) == ([each] if is_silent else [])


def test_no_warning_at_night_and_one_in_the_morning_when_the_day_has_not_begun_either() -> None:
    """Said last at 19:00: that hour and five of the next day."""
    last = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
    each = Heard("events", "who:1", "Who", last, 40)

    silent_at = [hour for hour in range(1, 25) if silence.silent([each], now=last + hour * HOUR)]

    assert silent_at == list(range(18, 25))


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_was() -> None:
    """In Berlin the night to 29 March 2026 has eleven hours."""
    last = datetime(2026, 3, 28, 18, 0, tzinfo=UTC)  # 19:00
    each = Heard("events", "who:1", "Who", last, 40, options={"timezone": "Europe/Berlin"})

    assert silence.silent([each], now=last + 17 * HOUR - MINUTE) == []
    assert silence.silent([each], now=last + 17 * HOUR) == [each]


@pytest.fixture
def at_now(db: None) -> Iterator[time_machine.Traveller]:
    """It is NOW, the worker has been at it, and no schedule is late."""
    with translation.override("en"), time_machine.travel(NOW, tick=False) as traveller:
        Schedule.objects.all().delete()
        JobState.objects.create(name=silence.JOB, started_at=NOW - 10 * MINUTE, ok_at=NOW - 10 * MINUTE)
        yield traveller


def well(account: MarketplaceAccount | CarrierAccount, **fields: Any) -> None:
    type(account).objects.filter(pk=account.pk).update(last_ok_at=NOW, **fields)


def open_ones() -> list[tuple[str, str]]:
    rows = Attention.objects.filter(kind="silence", resolved_at=None).order_by("key")
    return [(row.key, silence.words(row.facts, now=NOW)) for row in rows]


def moving(shop: MarketplaceAccount, couriers: CarrierAccount, count: int) -> None:
    order = order_at(shop, Stage.DELIVERING)
    Shipment.objects.bulk_create(
        Shipment(
            order=order, carrier_account=couriers, number=f"M-{n}", status=TrackingStatus.IN_TRANSIT, next_poll_at=NOW
        )
        for n in range(count)
    )


@pytest.mark.usefixtures("at_now")
def test_no_new_event_for_six_hours_while_forty_parcels_move() -> None:
    shop, couriers = shop_account(), carrier_account(title="Exline")
    well(shop)
    well(couriers, last_news_at=NOW - 6 * HOUR)
    moving(shop, couriers, 40)

    assert silence.check(NOW) == 1

    row = Attention.objects.get()
    assert (row.key, row.severity) == (f"silence:events:measoft:{couriers.pk}", Severity.WARNING)
    assert (row.carrier_account_id, row.account_id) == (couriers.pk, None)
    assert row.facts == {
        "code": "events", "name": "Exline", "since": (NOW - 6 * HOUR).isoformat(), "count": 40,
    }  # fmt: skip
    assert silence.words(row.facts, now=NOW) == "Exline: no new event for 6\u00a0h while 40 parcels move"


@pytest.mark.usefixtures("at_now")
def test_it_is_settled_when_something_is_heard() -> None:
    shop, couriers = shop_account(), carrier_account()
    well(shop)
    well(couriers, last_news_at=NOW - 6 * HOUR)
    moving(shop, couriers, 40)
    silence.check(NOW)
    assert silence.check(NOW) == 1
    assert (Attention.objects.count(), len(open_ones())) == (1, 1)

    well(couriers, last_news_at=NOW)
    assert silence.check(NOW) == 0

    assert (Attention.objects.count(), open_ones()) == (1, [])


@pytest.mark.usefixtures("at_now")
def test_parcels_that_do_not_move_are_not_expected_to_speak() -> None:
    shop, couriers = shop_account(), carrier_account()
    well(shop)
    well(couriers, last_news_at=NOW - 99 * HOUR)
    moving(shop, couriers, 80)
    first = Shipment.objects.order_by("pk").values_list("pk", flat=True)
    changes: list[dict[str, Any]] = [
        {"status": TrackingStatus.PENDING},
        {"status": TrackingStatus.DELIVERED, "finality": Finality.FINAL},
        {"detached_at": NOW},
        {"next_poll_at": None},
    ]
    for place, change in enumerate(changes):
        Shipment.objects.filter(pk__in=list(first[place * 20 : place * 20 + 20])).update(**change)

    assert silence.check(NOW) == 0


@pytest.mark.usefixtures("at_now")
def test_accounts_without_a_good_answer() -> None:
    shop, couriers = shop_account(), carrier_account(title="Exline")
    moving(shop, couriers, 1)
    MarketplaceAccount.objects.update(last_ok_at=NOW - 3 * HOUR)
    CarrierAccount.objects.update(last_ok_at=NOW - 3 * HOUR)

    assert silence.check(NOW) == 2

    assert open_ones() == [
        (f"silence:account:wildberries:{shop.pk}", "Shop: no good answer for 3\u00a0h"),
        (
            f"silence:carrier:measoft:{couriers.pk}",
            "Exline: no good answer for 3\u00a0h while 1 parcel is asked about",
        ),
    ]


@pytest.mark.usefixtures("at_now")
@pytest.mark.parametrize(
    ("kind", "options", "hours", "silent"),
    [
        ("dellin", {}, 4, True),  # no feed of changes: a parcel is asked about every two hours at the latest
        ("dellin", {}, 3, False),
        ("measoft", {}, 3, True),
        ("measoft", {"changes": "no"}, 3, False),
    ],
)
def test_a_carrier_may_be_silent_for_twice_as_long_as_it_is_not_asked(
    kind: str, options: dict[str, Any], hours: int, silent: bool
) -> None:
    shop, couriers = shop_account(), carrier_account(kind, **options)
    well(shop)
    well(couriers, last_news_at=NOW)
    moving(shop, couriers, 1)
    CarrierAccount.objects.update(last_ok_at=NOW - hours * HOUR)

    assert silence.check(NOW) == silent

    # What has ended is asked about once a day: nothing is expected then.
    Shipment.objects.update(status=TrackingStatus.DELIVERED, finality=Finality.FINAL)
    assert silence.check(NOW) == 0


@pytest.mark.usefixtures("at_now")
@pytest.mark.parametrize("change", [{"enabled": False}, {"paused_reason": "credentials"}])
def test_accounts_that_are_not_in_use_are_silent_on_purpose(change: dict[str, Any]) -> None:
    shop, couriers = shop_account(), carrier_account()
    moving(shop, couriers, 40)
    MarketplaceAccount.objects.update(last_ok_at=NOW - 99 * HOUR, **change)
    CarrierAccount.objects.update(last_ok_at=NOW - 99 * HOUR, **change)

    assert silence.check(NOW) == 0


@pytest.mark.usefixtures("at_now")
def test_a_shop_whose_orders_stay_away() -> None:
    shop = shop_account()
    well(shop)
    Order.objects.bulk_create(
        Order(account=shop, external_id=str(n), created_at=NOW - 25 * HOUR - n * HOUR, deadline_at=NOW)
        for n in range(50)
    )

    silence.check(NOW)

    text = "Shop: no new order for 1\u00a0day, after 50 in two weeks"
    assert open_ones() == [(f"silence:orders:wildberries:{shop.pk}", text)]


def schedule(name: str, minutes: int, *, next_run: timedelta = MINUTE, args: str | None = None) -> None:
    Schedule.objects.create(
        name=name, func="orders.tasks.x", schedule_type=Schedule.MINUTES, minutes=minutes, next_run=NOW + next_run, args=args
    )  # fmt: skip


@pytest.mark.usefixtures("at_now")
def test_a_job_that_does_not_run_for_three_of_its_periods() -> None:
    shop = shop_account()
    well(shop)
    schedule("pull new orders", 1, args="'pull_orders'")
    schedule("refresh delivery windows", 15, args="'refresh_windows'")
    schedule("purge raw payloads", 24 * 60, next_run=-48 * HOUR)
    schedule("send due actions", 1, next_run=-13 * MINUTE)
    JobState.objects.create(name=f"pull_orders:{shop.ref}", started_at=NOW - 15 * MINUTE)
    JobState.objects.create(name=f"refresh_windows:{shop.ref}", started_at=NOW - 44 * MINUTE)
    JobState.objects.create(name="pull_orders:wildberries:999", started_at=NOW - 99 * HOUR)  # gone

    assert silence.check(NOW) == 2

    assert open_ones() == [
        (
            f"silence:job:pull_orders:wildberries:{shop.pk}",
            f"The job “pull new orders: wildberries:{shop.pk}” has not run for 15\u00a0min, it should every 1 min",
        ),
        (
            "silence:job:purge raw payloads",
            "The job “purge raw payloads” has not run for 3\u00a0days, it should every 1440 min",
        ),
    ]


@pytest.mark.usefixtures("at_now")
def test_after_a_standstill_jobs_are_given_their_turn_first() -> None:
    """Everything is late at once, and about to run."""
    shop = shop_account()
    well(shop)
    schedule("pull new orders", 1, next_run=-3 * HOUR, args="'pull_orders'")
    JobState.objects.filter(name=silence.JOB).update(ok_at=NOW - 3 * HOUR)

    assert silence.check(NOW) == 0
    assert silence.check(NOW) == 1


@pytest.mark.usefixtures("at_now")
def test_a_standstill_settles_nothing_that_is_said_of_jobs() -> None:
    schedule("pull new orders", 1, next_run=-3 * HOUR)
    silence.check(NOW)
    JobState.objects.filter(name=silence.JOB).update(ok_at=NOW - 3 * HOUR)

    silence.check(NOW)

    assert [key for key, _text in open_ones()] == ["silence:job:pull new orders"]


@pytest.mark.usefixtures("at_now")
def test_one_check_at_a_time() -> None:
    shop_account()
    MarketplaceAccount.objects.update(last_ok_at=NOW - 3 * HOUR)

    with lease(silence.JOB, 60):
        assert silence.check(NOW) == 0

    assert open_ones() == []


@pytest.mark.usefixtures("at_now")
def test_the_number_of_statements_does_not_grow() -> None:
    silence.check(NOW)  # makes the row of the lease
    counts = []
    for _round in range(2):
        for n in range(3):
            shop, couriers = shop_account(), carrier_account()
            schedule(f"job {shop.pk}", 1, next_run=-HOUR, args="'pull_orders'")
            order = order_at(shop, Stage.DELIVERING, f"{shop.pk}-{n}")
            Shipment.objects.create(
                order=order, carrier_account=couriers, number="A", status=TrackingStatus.IN_TRANSIT, next_poll_at=NOW
            )
        MarketplaceAccount.objects.update(last_ok_at=NOW - 3 * HOUR)
        CarrierAccount.objects.update(last_ok_at=NOW - 3 * HOUR)
        with counted() as statements:
            found = silence.check(NOW)
        counts.append((found, len(statements)))

    # The lease and its record; shops, their orders, carriers, their parcels, schedules, jobs; questions and new ones.
    assert counts == [(9, 14), (18, 14)]


def test_words_of_facts_of_another_time() -> None:
    assert silence.words({"code": "else", "name": "X", "since": NOW.isoformat()}, now=NOW) == "X"
    assert silence.words({"code": "job", "name": "X"}, now=NOW) == "X"
    assert silence.words({}, now=NOW) == ""
