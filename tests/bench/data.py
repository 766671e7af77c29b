"""Two shops after some months: closed orders, one in twenty still open, each with its timeline. Made inside the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone

from backoffice.models import ApiToken, User
from backoffice.people import Role, create_user
from backoffice.secrets import seal
from orders.marketplaces import facts
from orders.marketplaces.base import IncomingTask, RawTask
from orders.models import AssemblyTask, Attention, MarketplaceAccount, MarkingCode, Order, TaskItem, TimelineEntry
from orders.services import accounts
from orders.services.actors import SYSTEM
from orders.services.syncing import rows
from sandbox.server import RunningSandbox

from . import history, yandex_wire

HISTORY = "bench-history"
FRESH = "bench-fresh"
ENTRIES_SHOWN = 40
POOL = 200
_FILLED: Sequence[type[models.Model]] = (Order, AssemblyTask, TaskItem, MarkingCode, Attention, TimelineEntry)


@dataclass(frozen=True, slots=True)
class World:
    """``rich``, ``rich_yandex``: tasks in assembling with 40 entries, their codes still to be scanned.

    ``fresh``, ``fresh_yandex``: accounts without orders; ``account`` and ``yandex`` have half of them each.
    """

    account: MarketplaceAccount
    fresh: MarketplaceAccount
    yandex: MarketplaceAccount
    fresh_yandex: MarketplaceAccount
    picker: User
    manager: User
    token: str
    rich: int
    rich_yandex: int
    orders: int
    entries: int
    page: int


def build(*, orders: int, entries: int, page: int, upstream: RunningSandbox) -> World:
    """``orders``: at least 600; ``page``: orders of a page of Wildberries to come; ``upstream``: whom all accounts talk to."""
    account, fresh = (_wildberries(title, upstream) for title in (HISTORY, FRESH))
    yandex, fresh_yandex = (yandex_account(title, upstream) for title in (HISTORY, FRESH))
    picker = create_user("bench-picker", role=Role.WAREHOUSE, password="bench", weak=True)
    manager = create_user("bench-manager", role=Role.MANAGER, password="bench", weak=True)
    program = create_user("bench-program", role=Role.INTEGRATION, password="bench", weak=True)
    # Assembling tasks (…1 and …6) whose goods are marked, so that a scan is accepted: an odd one is of Yandex Market.
    rich_yandex = (orders - 100) // 10 * 10 + 1
    rich = rich_yandex + 5
    numbers = {
        "orders": orders, "open": max(orders // 20, 400), "now": timezone.now(), "account": account.pk,
        "yandex": yandex.pk, "picker": picker.pk, "pool": POOL, "cycle": yandex_wire.CYCLE, "rich": rich,
        "rich_yandex": rich_yandex, "most": ENTRIES_SHOWN, "each": max(entries // orders, 1),
    }  # fmt: skip
    _fill(numbers, _looks(yandex))
    token = ApiToken.issue(program, ("read", "act"))[1]
    return World(
        account, fresh, yandex, fresh_yandex, picker, manager, token, rich, rich_yandex, orders,
        TimelineEntry.objects.count(), page,
    )  # fmt: skip


def key(title: str) -> str:
    """The seller of the sandbox that an account with this title is."""
    return f"sandbox-{title}"


def _wildberries(title: str, upstream: RunningSandbox) -> MarketplaceAccount:
    url, credentials = upstream.wildberries_url, {"token": key(title)}
    return accounts.connect(
        "wildberries", title=title, base_url=url, credentials=credentials, options={}, actor=SYSTEM
    )  # fmt: skip


def yandex_account(title: str, upstream: RunningSandbox) -> MarketplaceAccount:
    shop = {"campaign_id": str(upstream.ym.campaign), "business_id": str(upstream.ym.business)}
    url, credentials = upstream.yandex_market_url, {"api_key": key(title)}
    return accounts.connect(
        "yandex_market", title=f"{title}-yandex", base_url=url, credentials=credentials, options=shop, actor=SYSTEM
    )


def _looks(yandex: MarketplaceAccount) -> list[IncomingTask]:
    """What orders of Yandex Market look like once they are read; the first is the richest."""
    provider = accounts.provider(yandex)
    orders = [yandex_wire.order(yandex_wire.RICHEST + n) for n in range(yandex_wire.CYCLE)]
    return [provider.parse(RawTask("", json.dumps(order).encode(), "")) for order in orders]


@transaction.atomic
def _fill(numbers: dict[str, Any], looks: Sequence[IncomingTask]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(history.PLAN, numbers)
        cursor.execute("ANALYZE plan")
        _buyers(cursor)
        _known(cursor, looks)
        _goods(cursor, looks)
        for step in history.STEPS:
            cursor.execute(step, numbers)
        cursor.execute("DROP TABLE plan, buyers, known, goods")
        for reset in connection.ops.sequence_reset_sql(no_style(), list(_FILLED)):
            cursor.execute(reset)


def _buyers(cursor: Any) -> None:
    """Buyers as the application would have sealed them."""
    columns = "n int, yandex boolean, name bytea, phones bytea, address bytea, comment bytea, handover bytea"
    cursor.execute(f"CREATE TEMP TABLE buyers ({columns})")
    for n in range(POOL):
        for yandex in (False, True):
            sealed = [seal(text.encode()) for text in _buyer(n, yandex=yandex)]
            cursor.execute("INSERT INTO buyers VALUES (%s, %s, %s, %s, %s, %s, %s)", [n, yandex, *sealed])


def _buyer(n: int, *, yandex: bool) -> tuple[str, str, str, str, str]:
    """JSON of name, phones, address, comment and hand-over. Yandex Market tells an address in parts."""
    full = f'"full":"Челябинская область, г. Челябинск, 51-я улица Арабкира, д. {n}, кв. 42"'
    parts = f',"parts":{{"city":"Челябинск","street":"51-я улица Арабкира","house":"{n}","apartment":"42"}}'
    return (
        f'{{"first":"Иван","full":"Иванов Иван Иванович {n}"}}',
        f'[{{"number":"+7987123{n:04}","extension":"1234567","primary":true}}]',
        f'{{{full},"latitude":40.2,"longitude":44.5{parts if yandex else ""}}}',
        '"Упакуйте в пленку, пожалуйста"',
        f'{{"receive_code":"{n:06}"}}',
    )


def _known(cursor: Any, looks: Sequence[IncomingTask]) -> None:
    """Columns of orders and tasks."""
    columns = "n int, delivery_type text, is_business boolean, data jsonb, code_kinds jsonb, required_kinds jsonb"
    cursor.execute(f"CREATE TEMP TABLE known ({columns})")
    for n, task in enumerate(looks):
        kinds = [json.dumps(rows.values(kinds)) for kinds in (task.code_kinds, task.required_kinds)]
        data = json.dumps(facts.dump(task.facts))
        values = [n, task.delivery_type, task.is_business, data, *kinds]
        cursor.execute("INSERT INTO known VALUES (%s, %s, %s, %s, %s, %s)", values)


def _goods(cursor: Any, looks: Sequence[IncomingTask]) -> None:
    """Columns of items."""
    columns = (
        "n int, line int, article text, name text, quantity int, price numeric, final_price numeric, currency text, "
        "code_kinds jsonb, required_kinds jsonb, data jsonb"
    )
    cursor.execute(f"CREATE TEMP TABLE goods ({columns})")
    for n, task in enumerate(looks):
        for line, item in enumerate(task.items):
            row = rows.item_row(0, item)
            plain = [n, line, row.article, row.name, row.quantity, row.price, row.final_price, row.currency]
            values = plain + [json.dumps(value) for value in (row.code_kinds, row.required_kinds, row.data)]
            cursor.execute(f"INSERT INTO goods VALUES ({', '.join(['%s'] * len(values))})", values)


def tidy() -> None:
    """What autovacuum would have done long ago."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
