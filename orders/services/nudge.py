"""Waking the worker right after commit; the schedule is the net below it."""

from __future__ import annotations

from django.db import transaction
from django_q.tasks import async_task


def send_due(account_id: int) -> None:
    """Have the due actions of an account sent as soon as this transaction is committed. Idempotent: jobs hold a lease."""
    transaction.on_commit(lambda: async_task("orders.tasks.send_due", account_id, group="send"))


def send_codes(task_id: int) -> None:
    """Have the waiting codes of a task sent as soon as this transaction is committed. Idempotent."""
    transaction.on_commit(lambda: async_task("orders.tasks.send_codes", task_id, group="send"))
