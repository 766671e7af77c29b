"""A shop for training: an account that is for exercises, and orders of its seller."""

from __future__ import annotations

from typing import Any

from django.test import Client

from orders.models import MarketplaceAccount
from orders.services import accounts, actors
from sandbox.server import RunningSandbox

LEARNER = "sandbox-training"


def gym_of(upstream: RunningSandbox) -> MarketplaceAccount:
    """An account for training, connected to the sandbox as a seller of its own."""
    wanted = accounts.Settings("Training", upstream.wildberries_url, credentials={"token": LEARNER}, training=True)
    return accounts.store(accounts.draft("wildberries", wanted), actor=actors.SYSTEM)


def practised(upstream: RunningSandbox, *, count: int = 1, **fields: Any) -> list[int]:
    """Orders of the training seller at the marketplace; ``fields`` are wire fields."""
    wanted = {"requiredMeta": [], "deliveryType": "dbs", **fields}
    return upstream.make(LEARNER, count=count, fields=wanted, status=("new", "waiting"))


def begin(web: Client) -> Client:
    """The same browser, in training."""
    assert web.post("/training/start/").status_code == 302
    return web
