"""The list of tasks at the API beside its floor: the same document from hand-written SQL by orjson."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson

from backoffice.models import ApiToken
from orders.enums import DETAIL_ACTIONS, MarketplaceKind
from sandbox.server import RunningSandbox

from . import data
from .measure import Line, alternate, statements
from .pages import Rows, rows
from .web import Web

SIZE = 100
URL = f"/api/v1/tasks/?page_size={SIZE}"
TASKS = f"""
SELECT t.id, t.order_id, o.external_id, t.account_id, a.kind, t.external_id, t.stage, t.marketplace_status, t.code_kinds,
       u.username, t.deadline_at, t.created_at, t.updated_at, t.cancel_requested_at
FROM orders_assemblytask t JOIN orders_order o ON o.id = t.order_id JOIN orders_marketplaceaccount a ON a.id = t.account_id
LEFT JOIN backoffice_user u ON u.id = t.assignee_id WHERE NOT t.is_test ORDER BY t.created_at DESC, t.id DESC LIMIT {SIZE + 1}
"""
ITEMS = """SELECT task_id, id, external_id, article, name, barcodes, quantity, price, currency, code_kinds, required_kinds
           FROM orders_taskitem WHERE task_id = ANY(%(ids)s) ORDER BY id"""
CODES = """SELECT task_id, id, item_id, unit, kind, value, state, detail FROM orders_markingcode
           WHERE task_id = ANY(%(ids)s) AND state IN ('pending', 'sent', 'verified', 'refused') ORDER BY id"""
OF_ITEM = (
    "id", "external_id", "article", "name", "barcodes", "quantity", "price", "currency", "code_kinds", "required_kinds",
)  # fmt: skip
#: The token with its user and the ids of his groups.
TOKEN = """SELECT k.*, u.*, g.group_id FROM backoffice_apitoken k JOIN backoffice_user u ON u.id = k.user_id
           LEFT JOIN backoffice_user_groups g ON g.user_id = u.id WHERE k.digest = %(digest)s"""
#: Open actions, those whose code of the buyer was refused lately, and details that were done: some work only once.
ACTIONS = """SELECT id, task_id, kind, state FROM orders_marketplaceaction WHERE task_id = ANY(%(ids)s)
             AND (state IN ('queued', 'sending', 'uncertain')
                  OR state = 'failed' AND error_code = 'wrong_code' AND finished_at > now() - interval '30 minutes'
                  OR state = 'succeeded' AND kind = ANY(%(details)s))
             ORDER BY id"""


def run(world: data.World, _upstream: RunningSandbox, rounds: int) -> Iterator[Line]:
    web = Web(token=world.token)
    said = orjson.loads(web.get(URL))
    allowed = {task["id"]: task["allowed_actions"] for task in said["results"]}
    links = {"next": said["next"], "previous": said["previous"]}
    assert len(allowed) == SIZE
    assert {task["order"]["marketplace"] for task in said["results"]} == set(MarketplaceKind.values)
    assert sum(len(task["codes"]) for task in said["results"]) >= SIZE // 5

    digest = {"digest": ApiToken.hash(world.token)}

    def bare() -> bytes:
        return orjson.dumps({**links, "results": _tasks(allowed)})

    def floor() -> bytes:
        rows(TOKEN, digest)
        rows(ACTIONS, {"ids": list(allowed), "details": [kind.value for kind in DETAIL_ACTIONS]})
        return bare()

    assert orjson.loads(floor()) == said
    pair = alternate(floor, lambda: web.get(URL), rounds=rounds * 2)
    with statements() as asked:
        web.get(URL)
    stricter = alternate(bare, lambda: web.get(URL), rounds=rounds * 2)
    beside = f"{stricter.ratio:.2f} × a floor without the rows of token and actions"
    notes = f"{pair.words}; {beside}; {len(asked)} statements"
    yield Line("API list of 100 tasks with items and codes", pair.ratio, 2.5, "× floor", notes)


def _tasks(allowed: dict[int, list[str]]) -> list[dict[str, Any]]:
    found = rows(TASKS, {})[:SIZE]
    ids = {"ids": [row[0] for row in found]}
    items = _by_task(rows(ITEMS, ids), OF_ITEM)
    codes = _by_task(rows(CODES, ids), ("id", "item", "unit", "kind", "value", "state", "detail"))
    return [
        {
            "id": row[0],
            "order": {"id": row[1], "external_id": row[2], "marketplace": row[4], "account": row[3]},
            "external_id": row[5],
            "stage": row[6],
            "marketplace_status": orjson.loads(row[7]),
            "items": [_item(item) for item in items[row[0]]],
            "code_kinds": orjson.loads(row[8]),
            "codes": codes[row[0]],
            "allowed_actions": allowed[row[0]],
            "cancel_requested_at": row[13] and row[13].isoformat(),
            "assignee": row[9],
            "deadline_at": row[10].isoformat(),
            "created_at": row[11].isoformat(),
            "updated_at": row[12].isoformat(),
        }
        for row in found
    ]


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """Its JSON columns are read; codes of its own are null where those of the task hold."""
    lists = {name: orjson.loads(item[name] or "null") for name in ("barcodes", "code_kinds", "required_kinds")}
    return {**item, **lists, "price": str(item["price"])}


def _by_task(found: Rows, names: tuple[str, ...]) -> dict[int, list[dict[str, Any]]]:
    grouped: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for task, *values in found:
        grouped[task].append(dict(zip(names, values, strict=True)))
    return grouped
