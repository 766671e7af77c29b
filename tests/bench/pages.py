"""Pages beside their floor: the same rows by hand-written SQL, the same fields opened, the same template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import msgspec
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.secrets import unseal
from orders.models import AssemblyTask, Order
from orders.queries import lists
from orders.queries.keyset import Order as Sorting
from orders.views import orders as order_views
from orders.views import queue as queue_views
from orders.views import task as task_views
from sandbox.server import RunningSandbox

from . import data
from .measure import Line, Pair, alternate, statements
from .web import Shown, Web, shown

SIZE = 50
COUNTED = re.compile(r"count\((?:\*|\"[^()]*\")\)", re.IGNORECASE)
LIMITED = re.compile(r"\) FROM \((SELECT .*? LIMIT \d+)\)", re.IGNORECASE)

COUNT = "(SELECT count(*) FROM (SELECT 1 FROM orders_assemblytask WHERE {} LIMIT 1000) AS few)"
ASKED = "(SELECT count(*) FROM (SELECT 1 FROM orders_attention WHERE resolved_at IS NULL LIMIT 1000) AS few)"
HELD = """(SELECT count(*) FROM (SELECT 1 FROM orders_attention a JOIN orders_assemblytask t ON t.id = a.task_id
           WHERE a.resolved_at IS NULL AND a.kind = 'cancelled_in_work' AND t.assignee_id = %(user)s LIMIT 1000) AS few)"""
LATE = (
    "stage IN ('new', 'assembling', 'ready', 'delivering', 'at_pickup_point') AND NOT is_test AND deadline_at < %(now)s"
)
#: Apart from the new ones, which every page counts.
TABS = ("waiting", "assembling", "ready", "delivering", "at_pickup_point")
#: Who asks, as every page has to know.
SESSION = "SELECT session_key, session_data, expire_date FROM django_session WHERE session_key = %(session)s AND expire_date > now()"
PERSON = """SELECT u.*, g.group_id FROM backoffice_user u JOIN backoffice_user_groups g ON g.user_id = u.id
            WHERE u.id = %(user)s AND u.is_active"""
OF_TAB = "stage = '{}' AND NOT is_test"
NEW = COUNT.format(OF_TAB.format("new"))
FRAME = f"SELECT *, {NEW}, {ASKED}, {HELD} FROM orders_marketplaceaccount ORDER BY title"
FRAME_WITH_TABS = FRAME.replace(
    "SELECT *,",
    "SELECT *, " + ", ".join(COUNT.format(OF_TAB.format(stage)) for stage in TABS) + f", {COUNT.format(LATE)},",
)  # fmt: skip
QUEUE = """
SELECT b.address, b.comment, t.id, t.external_id, t.stage, t.marketplace_status, t.delivery_type, t.code_kinds,
       t.required_kinds, t.assignee_id, t.taken_at, t.deadline_at, t.created_at, t.account_id, t.raw_digest, t.version,
       t.cancel_requested_at,
       o.id, o.external_id, o.window_from, o.window_to, o.is_business, u.username, u.first_name, u.last_name
FROM orders_assemblytask t JOIN orders_order o ON o.id = t.order_id LEFT JOIN orders_buyer b ON b.order_id = o.id
LEFT JOIN backoffice_user u ON u.id = t.assignee_id
WHERE t.stage = 'new' AND NOT t.is_test {place} ORDER BY t.deadline_at, t.id LIMIT 51
"""
AFTER_TASK = "AND t.deadline_at >= %(value)s AND (t.deadline_at, t.id) > (%(value)s, %(id)s)"
ITEMS = "SELECT * FROM orders_taskitem WHERE task_id = ANY(%(ids)s) ORDER BY id"
CODES = """SELECT id, task_id, item_id, kind, state FROM orders_markingcode WHERE task_id = ANY(%(ids)s)
           AND state IN ('pending', 'sent', 'verified', 'refused')"""
ACTIONS = """SELECT * FROM orders_marketplaceaction WHERE task_id = ANY(%(ids)s)
             AND state IN ('queued', 'sending', 'uncertain') ORDER BY id"""
ORDERS = """
SELECT id, account_id, external_id, stage, delivery_type, window_from, window_to, deadline_at, is_business, is_test,
       data, created_at, recorded_at, updated_at
FROM orders_order o {place} ORDER BY created_at DESC, id DESC LIMIT 51
"""
AFTER_ORDER = "WHERE created_at <= %(value)s AND (created_at, id) < (%(value)s, %(id)s)"
OF_ORDERS = """SELECT t.order_id, t.id, t.external_id, i.article FROM orders_taskitem i
               JOIN orders_assemblytask t ON t.id = i.task_id WHERE t.order_id = ANY(%(ids)s) ORDER BY i.id"""
ASKED_OF = "SELECT order_id FROM orders_attention WHERE order_id = ANY(%(ids)s) AND resolved_at IS NULL"
#: Of orders, with the accounts of their carriers.
PARCELS = """SELECT s.*, c.* FROM orders_shipment s JOIN carriers_carrieraccount c ON c.id = s.carrier_account_id
             WHERE s.order_id = {} ORDER BY s.id"""
OF_ORDERS_PARCELS = PARCELS.format("ANY(%(orders)s)")
TASK = """
SELECT b.name, b.phones, b.address, b.comment, b.handover, t.*, o.*, u.username, u.first_name, u.last_name
FROM orders_assemblytask t JOIN orders_order o ON o.id = t.order_id LEFT JOIN orders_buyer b ON b.order_id = o.id
LEFT JOIN backoffice_user u ON u.id = t.assignee_id WHERE t.id = %(task)s
"""
#: With what the floor has verified and misses of them.
ITEMS_OF_TASK = """
SELECT i.*, s.quantity, s.reason, s.note, s.reported_at, u.username, u.first_name, u.last_name, greatest(
           (SELECT count(DISTINCT unit) FROM orders_pick WHERE item_id = i.id AND undone_at IS NULL AND unit <= i.quantity),
           (SELECT count(DISTINCT unit) FROM orders_markingcode WHERE item_id = i.id AND unit <= i.quantity
                   AND state IN ('pending', 'sent', 'verified', 'refused')))
FROM orders_taskitem i LEFT JOIN orders_shortage s ON s.item_id = i.id AND s.settled_at IS NULL
LEFT JOIN backoffice_user u ON u.id = s.reported_by_id WHERE i.task_id = %(task)s ORDER BY i.id
"""
OF_TASK = (
    ITEMS_OF_TASK,
    "SELECT * FROM orders_markingcode WHERE task_id = %(task)s AND state <> 'removed' ORDER BY id",
    "SELECT * FROM orders_marketplaceaction WHERE task_id = %(task)s ORDER BY id DESC LIMIT 40",
    """SELECT e.*, u.username, u.first_name, u.last_name, s.raw_id, c.kind FROM orders_timelineentry e
       LEFT JOIN backoffice_user u ON u.id = e.actor_id LEFT JOIN orders_shipment s ON s.id = e.shipment_id
       LEFT JOIN carriers_carrieraccount c ON c.id = s.carrier_account_id
       WHERE e.order_id = (SELECT order_id FROM orders_assemblytask WHERE id = %(task)s)
       AND (e.task_id IS NULL OR e.task_id = %(task)s) ORDER BY e.happened_at DESC, e.id DESC LIMIT 41""",
    "SELECT * FROM orders_scan WHERE task_id = %(task)s ORDER BY id DESC LIMIT 1",
    PARCELS.format("(SELECT order_id FROM orders_assemblytask WHERE id = %(task)s)"),
)
#: Where calls may prove that a buyer cannot be reached.
CALLS = "SELECT * FROM orders_buyercall WHERE task_id = %(task)s ORDER BY at, id"
Rows = list[tuple[Any, ...]]


def counts_all(sql: str) -> bool:
    """Whether a statement counts rows other than those of a subquery that was limited before."""
    return any(not LIMITED.match(sql, found.end() - 1) for found in COUNTED.finditer(sql))


def rows(text: str, given: dict[str, Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        found: Rows = cursor.fetchall()
    return found


def opened(found: Rows, count: int) -> list[Any]:
    """The first ``count`` columns are sealed."""
    return [msgspec.json.decode(unseal(value)) for row in found for value in row[:count] if value is not None]


@dataclass(frozen=True)
class Place:
    """A page of a list: ``url``, and where it begins for the floor."""

    name: str
    url: str
    given: dict[str, Any]


def places(base: str, found: QuerySet[Any], sorting: Sorting, most: int) -> list[Place]:
    """The first page, one in the middle and the last full one."""
    mark = "&" if "?" in base else "?"
    pages = [Place("first", base, {})]
    for name, index in (("middle", min(most // 2, most - SIZE - 1)), ("last", most - SIZE - 1)):
        row = found.order_by(*sorting.sorting(back=False))[index]
        given = {"value": getattr(row, sorting.field), "id": row.pk}
        pages.append(Place(name, f"{base}{mark}after={sorting.cursor(row)}", given))
    return pages


def run(world: data.World, _upstream: RunningSandbox, rounds: int) -> Iterator[Line]:
    web = Web(world.picker)
    tasks = AssemblyTask.objects.filter(stage="new", is_test=False)
    queue = places("/tasks/?tab=new", tasks, lists.BY_DEADLINE, tasks.count())
    person = {"user": world.picker.pk, "session": web.session}
    floor = partial(_queue, {**person, "now": timezone.now()})
    yield from _list("queue page", web, queue_views, queue, floor, rounds)
    every = places("/orders/", Order.objects.all(), lists.BY_NEWEST, Order.objects.count())
    yield from _list("order list", web, order_views, every, partial(_orders, person), rounds)
    yield _task(web, world, person, rounds)


def _frame(text: str, known: dict[str, Any]) -> None:
    """What every page reads: who asks, the accounts and the counts."""
    for each in (SESSION, PERSON, text):
        rows(each, known)


def _queue(known: dict[str, Any], place: Place, page: Shown) -> str:
    _frame(FRAME_WITH_TABS, known)
    found = rows(QUEUE.format(place=AFTER_TASK if place.given else ""), place.given)
    ids = {"ids": [row[2] for row in found[:SIZE]], "orders": [row[17] for row in found[:SIZE]]}
    for text in (ITEMS, CODES, ACTIONS, OF_ORDERS_PARCELS):
        rows(text, ids)
    opened(found[:SIZE], 2)
    return page.again()


def _orders(known: dict[str, Any], place: Place, page: Shown) -> str:
    _frame(FRAME, known)
    found = rows(ORDERS.format(place=AFTER_ORDER if place.given else ""), place.given)
    ids = {"ids": [row[0] for row in found[:SIZE]]}
    rows(OF_ORDERS, ids)
    rows(ASKED_OF, ids)
    rows(OF_ORDERS_PARCELS, {"orders": ids["ids"]})
    return page.again()


def _list(name: str, web: Web, views: ModuleType, pages: Sequence[Place], floor: Any, rounds: int) -> Iterator[Line]:
    pairs: dict[str, Pair] = {}
    for place in pages:
        page = shown(web, views, place.url)
        assert len(page.context["found"].rows) == SIZE
        pairs[place.name] = alternate(partial(floor, place, page), partial(web.get, place.url), rounds=rounds * 2)
    worst = max(pairs, key=lambda each: pairs[each].ratio)
    yield Line(f"{name}, 50 rows, any depth", pairs[worst].ratio, 2, "× floor", f"{worst} page: {pairs[worst].words}")
    first, last = partial(web.get, pages[0].url), partial(web.get, pages[-1].url)
    depth = alternate(first, last, rounds=rounds * 4)
    words = f"first {depth.floor:.2f} ms, last {depth.ours:.2f} ms"
    yield Line(f"… {name}: its last page", depth.ratio, 1.2, "× first", words)
    with statements() as asked:
        web.get(pages[-1].url)
    counted = [sql for sql in asked if counts_all(sql)]
    yield Line(f"… {name}: count(*) over a table", len(counted), 0, "statements", f"{len(asked)} statements a page")


def _task(web: Web, world: data.World, person: dict[str, Any], rounds: int) -> Line:
    """The worse of two tasks: one of each marketplace."""
    given = {"Wildberries": world.rich, "Yandex Market": world.rich_yandex}
    calls = {"Wildberries": (), "Yandex Market": (CALLS,)}
    pairs = {
        name: _of_task(web, {**person, "task": task}, (*OF_TASK, *calls[name]), rounds) for name, task in given.items()
    }
    worst = max(pairs, key=lambda each: pairs[each][0].ratio)
    others = "; ".join(f"{name}: {pair.ratio:.2f}" for name, (pair, _stricter) in pairs.items() if name != worst)
    pair, stricter = pairs[worst]
    notes = f"{worst}: {pair.words}; {stricter.ratio:.2f} × a floor without the rows of session and user; {others}"
    return Line("task page with 40 timeline entries", pair.ratio, 2, "× floor", notes)


def _of_task(web: Web, given: dict[str, Any], of_task: Sequence[str], rounds: int) -> tuple[Pair, Pair]:
    """Beside the floor, and beside a stricter one without the rows of session and user."""
    url = f"/tasks/{given['task']}/"
    page = shown(web, task_views, url)
    assert len(page.context["entries"]) == data.ENTRIES_SHOWN

    def floor(*reads: str) -> str:
        for text in reads:
            rows(text, given)
        opened(rows(TASK, given), 5)
        for text in of_task:
            rows(text, given)
        return page.again()

    pair = alternate(partial(floor, SESSION, PERSON, FRAME), lambda: web.get(url), rounds=rounds * 3)
    return pair, alternate(partial(floor, FRAME), lambda: web.get(url), rounds=rounds * 2)
