"""Waking the worker right after commit; the schedule is the net below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django_q.tasks import async_task


def send_due(account_id: int) -> None:
    """Have the due actions of an account sent as soon as this transaction is committed. Idempotent: jobs hold a lease."""
    transaction.on_commit(lambda: async_task("orders.tasks.send_due", account_id, group="send"))


def send_codes(task_id: int) -> None:
    """Have the waiting codes of a task sent as soon as this transaction is committed. Idempotent."""
    transaction.on_commit(lambda: async_task("orders.tasks.send_codes", task_id, group="send"))


def reread(account_id: int) -> None:
    """Have marked orders read as soon as this transaction is committed. Idempotent: jobs hold a lease."""
    transaction.on_commit(lambda: async_task("orders.tasks.reread", account_id, group="reread"))


def import_history(account_id: int, start: datetime, end: datetime) -> None:
    """Have finished orders of a range imported. Idempotent: orders that are here already are left alone."""
    days = (start.isoformat(), end.isoformat())
    transaction.on_commit(lambda: async_task("orders.tasks.import_history", account_id, *days, group="import"))


def track_parcels(account_id: int) -> None:
    """Have the due parcels of a carrier account asked about as soon as this transaction is committed. Idempotent."""
    transaction.on_commit(lambda: async_task("orders.tasks.track_parcels", account_id, group="track_parcels"))


def tell_tracks(shipment_ids: Sequence[int]) -> None:
    """Have track numbers of these parcels told to their marketplaces after this transaction is committed. Idempotent."""
    ids = list(shipment_ids)
    transaction.on_commit(lambda: async_task("orders.tasks.tell_tracks", ids, group="send"))
