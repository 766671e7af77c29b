"""A shop after some months: closed orders, one in twenty still open, each with its timeline. Made inside the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone

from backoffice.models import ApiToken, User
from backoffice.people import Role, create_user
from backoffice.secrets import seal
from orders.models import AssemblyTask, MarketplaceAccount, MarkingCode, Order, TaskItem, TimelineEntry
from orders.services import accounts
from orders.services.actors import SYSTEM

HISTORY = "bench-history"
FRESH = "bench-fresh"
ENTRIES_SHOWN = 40
POOL = 200

#: One row a task. The newest twentieth of the orders is open; one order in twenty has a second task.
PLAN = """
CREATE TEMP TABLE plan AS
SELECT id, order_id, created, now - order_id %% 100 * interval '1 minute' AS changed, open, stage,
       date_trunc('hour', created + interval '12 days') AS deadline,
       CASE WHEN open AND stage = 'new' THEN 'new' WHEN stage IN ('assembling', 'ready') THEN 'confirm'
            WHEN stage = 'delivering' THEN 'deliver' WHEN stage = 'received' THEN 'receive'
            WHEN stage = 'rejected' THEN 'reject' ELSE 'cancel' END AS supplier,
       id %% 5 <> 0 AS marked
FROM (
  SELECT id, order_id, now, now - (%(orders)s - order_id) * (interval '200 days' / %(orders)s) AS created,
         order_id > %(orders)s - %(open)s AS open,
         CASE WHEN order_id > %(orders)s - %(open)s
              THEN (ARRAY['new', 'assembling', 'new', 'ready', 'delivering'])[order_id %% 5 + 1]
              ELSE (ARRAY['received', 'received', 'received', 'rejected', 'cancelled'])[order_id %% 5 + 1] END AS stage
  FROM (
    SELECT i AS id, CASE WHEN i <= %(orders)s THEN i ELSE (i - %(orders)s) * 20 END AS order_id,
           %(now)s::timestamptz AS now
    FROM generate_series(1, %(orders)s + %(orders)s / 20) AS i
  ) AS numbered
) AS staged
"""

ORDERS = """
INSERT INTO orders_order (id, account_id, external_id, stage, delivery_type, deadline_at, is_business, is_test, data,
                          created_at, recorded_at, updated_at)
SELECT id, %(account)s, 100000000 + id || '_' || md5(id::text), stage, 'dbs', deadline, false, false, '{}',
       created, created, changed
FROM plan WHERE id <= %(orders)s
"""

TASKS = """
INSERT INTO orders_assemblytask (id, order_id, account_id, external_id, stage, marketplace_status, delivery_type,
                                 code_kinds, required_kinds, deadline_at, created_at, recorded_at, updated_at, closed_at,
                                 assignee_id, raw_digest, version)
SELECT id, order_id, %(account)s, (2000000000 + id)::text, stage,
       json_build_object('supplierStatus', supplier, 'wbStatus', 'waiting')::jsonb, 'dbs',
       CASE WHEN marked THEN '["sgtin"]' ELSE '[]' END::jsonb, CASE WHEN marked THEN '["sgtin"]' ELSE '[]' END::jsonb,
       deadline, created, created, changed, CASE WHEN open THEN NULL ELSE changed END,
       CASE WHEN stage = 'assembling' THEN %(picker)s END, md5('raw' || id), 3
FROM plan
"""

ITEMS = """
INSERT INTO orders_taskitem (id, task_id, external_id, article, name, barcodes, quantity, price, final_price, currency,
                             converted_price, converted_final_price, converted_currency, data)
SELECT id, id, (300000000 + id %% 5000)::text, 'shop-' || id %% 5000, '',
       json_build_array('46' || lpad((id %% 5000)::text, 11, '0'))::jsonb, 1, 10 + id %% 90000 / 100.0,
       9 + id %% 90000 / 100.0, 'RUB', 10 + id %% 90000 / 100.0, 9 + id %% 90000 / 100.0, 'RUB',
       '{"chrt_id": "987654321", "color": "RAL 3017"}'
FROM plan
"""

CODES = """
INSERT INTO orders_markingcode (task_id, item_id, unit, kind, value, identity, country, state, detail, created_by_id,
                                created_at, changed_at)
SELECT id, id, 1, 'sgtin', '010460043993125621' || lpad(id::text, 13, '0') || chr(29) || '91FFD0' || chr(29) || '92sG',
       '010460043993125621' || lpad(id::text, 13, '0'), '', 'verified', 'sgtinIntroduced', %(picker)s, changed, changed
FROM plan WHERE marked AND stage NOT IN ('new', 'cancelled', 'rejected') AND id <> %(rich)s
"""

BUYERS = """
INSERT INTO orders_buyer (order_id, name, phones, address, comment, updated_at)
SELECT id, CASE WHEN stage <> 'new' THEN name END, CASE WHEN stage <> 'new' THEN phones END, address, comment, changed
FROM plan JOIN pool ON pool.n = id %% %(pool)s WHERE id <= %(orders)s
"""

#: In the order in which things happened, as the application would have written them.
TIMELINE = """
INSERT INTO orders_timelineentry (order_id, task_id, source, kind, code, status, data, happened_at, recorded_at,
                                  actor_id, correction, dedupe_key)
SELECT id, id, source, kind, CASE WHEN kind = 'stage' THEN 'confirm / waiting' ELSE '' END,
       CASE WHEN kind = 'stage' THEN 'assembling' WHEN kind LIKE 'action%%' THEN 'confirm' ELSE '' END,
       CASE WHEN kind = 'stage' THEN '{"from": "new"}' WHEN kind LIKE 'action%%' THEN '{"action": 1, "kind": "confirm"}'
            WHEN kind = 'code_added' THEN '{"kind": "sgtin", "unit": 1, "of": 1, "article": "shop-1"}'
            ELSE '{}' END::jsonb,
       happened, happened + interval '2 seconds', CASE WHEN source = 'staff' THEN %(picker)s::bigint END,
       false, md5(id || ':' || k)
FROM (
  SELECT id, k, created + k * interval '20 minutes' AS happened,
         (ARRAY['order_received', 'action_requested', 'action_done', 'stage', 'code_added', 'buyer_known'])[(k - 1) %% 6 + 1]
         AS kind,
         (ARRAY['marketplace', 'staff', 'marketplace', 'marketplace', 'staff', 'marketplace'])[(k - 1) %% 6 + 1] AS source
  FROM plan CROSS JOIN generate_series(1, CASE WHEN plan.id = %(rich)s THEN %(most)s ELSE %(each)s END) AS k
  WHERE id <= %(orders)s
) AS told ORDER BY happened
"""


@dataclass(frozen=True, slots=True)
class World:
    """``rich``: a task in assembling with 40 entries, its code still to be scanned. ``fresh``: an account without orders."""

    account: MarketplaceAccount
    fresh: MarketplaceAccount
    picker: User
    manager: User
    token: str
    rich: int
    orders: int
    entries: int
    page: int


def build(*, orders: int, entries: int, page: int, upstream: str) -> World:
    """``orders``: at least 600; ``page``: orders of a page to come; ``upstream``: the base URL of both accounts."""
    account, fresh = (_account(title, upstream) for title in (HISTORY, FRESH))
    picker = create_user("bench-picker", role=Role.WAREHOUSE, password="bench", weak=True)
    manager = create_user("bench-manager", role=Role.MANAGER, password="bench", weak=True)
    program = create_user("bench-program", role=Role.INTEGRATION, password="bench", weak=True)
    # An assembling task (…1) whose goods are marked, so that a scan is accepted.
    rich = (orders - 100) // 5 * 5 + 1
    numbers = {
        "orders": orders, "open": max(orders // 20, 400), "now": timezone.now(), "account": account.pk,
        "picker": picker.pk, "pool": POOL, "rich": rich, "most": ENTRIES_SHOWN, "each": max(entries // orders, 1),
    }  # fmt: skip
    _fill(numbers)
    token = ApiToken.issue(program, ("read", "act"))[1]
    return World(account, fresh, picker, manager, token, rich, orders, TimelineEntry.objects.count(), page)


def _account(title: str, upstream: str) -> MarketplaceAccount:
    credentials = {"token": f"sandbox-{title}"}
    return accounts.connect(
        "wildberries", title=title, base_url=upstream, credentials=credentials, options={}, actor=SYSTEM
    )


@transaction.atomic
def _fill(numbers: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PLAN, numbers)
        cursor.execute("ANALYZE plan")
        _pool(cursor)
        for step in (ORDERS, TASKS, ITEMS, CODES, BUYERS, TIMELINE):
            cursor.execute(step, numbers)
        cursor.execute("DROP TABLE plan, pool")
        written: Sequence[type[models.Model]] = (Order, AssemblyTask, TaskItem, MarkingCode, TimelineEntry)
        for reset in connection.ops.sequence_reset_sql(no_style(), list(written)):
            cursor.execute(reset)


def _pool(cursor: Any) -> None:
    """Buyers as the application would have sealed them."""
    cursor.execute("CREATE TEMP TABLE pool (n int, name bytea, phones bytea, address bytea, comment bytea)")
    for n in range(POOL):
        sealed = [seal(text.encode()) for text in _buyer(n)]
        cursor.execute("INSERT INTO pool VALUES (%s, %s, %s, %s, %s)", [n, *sealed])


def _buyer(n: int) -> tuple[str, str, str, str]:
    """JSON of name, phones, address and comment."""
    return (
        f'{{"first":"Иван","full":"Иванов Иван Иванович {n}"}}',
        f'[{{"number":"+7987123{n:04}","extension":"1234567","primary":true}}]',
        f'{{"full":"Челябинская область, г. Челябинск, 51-я улица Арабкира, д. {n}, кв. 42","latitude":40.2,"longitude":44.5}}',
        '"Упакуйте в пленку, пожалуйста"',
    )


def tidy() -> None:
    """What autovacuum would have done long ago."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
