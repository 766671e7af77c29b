"""A browser of each role, and tasks that came from the sandbox over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from backoffice.models import User
from backoffice.people import Role, create_user
from orders.enums import ActionKind, Stage
from orders.models import AssemblyTask, MarketplaceAccount
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask, made, pulled

Task = Callable[..., AssemblyTask]


@pytest.fixture
def web(picker: User) -> Client:
    """The picker at his browser."""
    return browser(picker)


@pytest.fixture
def boss(db: None) -> User:
    return create_user("boss", role=Role.MANAGER, password="boss", weak=True)


def browser(user: User, **options: object) -> Client:
    client = Client(headers={"Accept-Language": "en"}, **options)  # type: ignore[arg-type]
    client.force_login(user)
    return client


@pytest.fixture
def task_at(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> Task:
    """A task of the shop at a stage on its way; ``fields`` are wire fields of the order."""

    def make(stage: Stage = Stage.NEW, **fields: Any) -> AssemblyTask:
        wanted: dict[str, Any] = {"requiredMeta": [], "deliveryType": "dbs", **fields}
        (number,) = made(upstream, **wanted)
        task = next(task for task in pulled(shop) if task.external_id == str(number))
        way = (ActionKind.CONFIRM, ActionKind.READY, ActionKind.DELIVER)
        for kind, reached in zip(way, (Stage.ASSEMBLING, Stage.READY, Stage.DELIVERING), strict=True):
            if task.stage == stage:
                break
            ask(task, kind)
            assert task.stage == reached
        assert task.stage == stage
        return task

    return make


HTMX = {"HX-Request": "true"}


def text_of(response: Any) -> str:
    """The words of a page, without markup."""
    html = re.sub(r"<(script|style|noscript).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).replace("&#x27;", "'").strip()


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())
    assert found, name
    return found.group(1)
