"""What a buyer and a shop trust us with stays in encrypted fields: through pages, worker, refusals and back."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Success
from django_q.tasks import async_task

from backoffice.people import Role, create_user
from orders.enums import ActionKind, ActionState, EntryKind, Stage
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, MarketplaceAction
from orders.services import accounts, actors
from sandbox.server import RunningSandbox, start
from tests.live.processes import Worker, until

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

TOKEN = "sandbox-Zq7tokenOfTheShop"
WRONG, ECHOED, RIGHT = "27182818", "16180339", "31415926"
PHONES = ("79035550199", "9035550199", "74955550123", "4955550123")
EXTENSION = "7314682"
NAMES = ("Прасковья", "Звездочётова")
ADDRESS = "Кривоколенная улица, 117"
COMMENT = "домофон сломан, кричать Филимону"
PLANTED = (TOKEN, WRONG, ECHOED, RIGHT, *PHONES, EXTENSION, *NAMES, "Кривоколенная", "Филимону")


@pytest.fixture
def upstream() -> Iterator[RunningSandbox]:
    with start() as running:
        running.tune(phone_delay=0)
        yield running


@pytest.fixture
def shop(db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    return accounts.connect(
        "wildberries", title="Shop", base_url=upstream.wildberries_url, credentials={"token": TOKEN}, options={},
        actor=actors.SYSTEM,
    )  # fmt: skip


@pytest.fixture
def worker(process_env: dict[str, str], tmp_path: Path) -> Iterator[Worker]:
    """One that says everything it can."""
    running = Worker({**process_env, "LOG_LEVEL": "DEBUG", "SEND_STALE_SECONDS": "1"}, tmp_path / "worker.log")
    yield running
    running.stop()


@pytest.fixture
def picker(client: Client) -> Client:
    client.force_login(create_user("picker", role=Role.WAREHOUSE, password="picker", weak=True))
    return client


def planted_order(upstream: RunningSandbox) -> int:
    address = {"fullAddress": ADDRESS, "longitude": 44.519068, "latitude": 40.20192}
    (number,) = upstream.make(
        TOKEN, code=RIGHT, fields={"comment": COMMENT, "address": address, "requiredMeta": [], "deliveryType": "dbs"}
    )
    with upstream.store.work():
        task = upstream.world.tasks[number]
        task.buyer |= {
            "firstName": NAMES[0], "fullName": " ".join(NAMES), "replacementPhone": PHONES[0], "phone": PHONES[2],
            "phoneCode": int(EXTENSION),
        }  # fmt: skip
        upstream.world.save(task)
    return number


def act(client: Client, task: AssemblyTask, kind: ActionKind, answers: list[HttpResponse], **more: str) -> None:
    """Press the button and wait until the action has come to rest."""
    form = {"kind": kind.value, **more}
    answers.append(client.post(reverse("task_act", args=[task.pk]), form))  # type: ignore[arg-type]
    assert answers[-1].status_code == 302, answers[-1].content.decode()[:2000]

    def rested() -> bool:
        states = set(task.actions.values_list("state", flat=True))
        MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before=timezone.now())
        if ActionState.UNCERTAIN in states:
            async_task("orders.tasks.send_all_due")
        return states <= {ActionState.SUCCEEDED, ActionState.FAILED}

    until(rested, f"{kind} comes to rest", every=0.3)
    task.refresh_from_db()


def test_nothing_personal_and_no_secret_leaves_its_place(
    shop: MarketplaceAccount, upstream: RunningSandbox, worker: Worker, picker: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = planted_order(upstream)
    async_task("orders.tasks.pull_orders", shop.pk)
    until(lambda: AssemblyTask.objects.count() == 1, "the order arrives")
    task = AssemblyTask.objects.get(external_id=number)
    answers: list[HttpResponse] = []

    act(picker, task, ActionKind.CONFIRM, answers)
    until(lambda: Buyer.objects.exclude(phones=None).exists(), "the buyer is known")
    answers.append(picker.post(reverse("task_buyer", args=[task.pk])))  # type: ignore[arg-type]
    assert all(word in answers[-1].content.decode() for word in (*NAMES, ADDRESS, COMMENT))
    act(picker, task, ActionKind.DELIVER, answers)
    act(picker, task, ActionKind.RECEIVE, answers, code=WRONG)
    upstream.tune(wrong_code_detail=f"The code {ECHOED} is wrong", wrong_code_status=400)
    act(picker, task, ActionKind.RECEIVE, answers, code=ECHOED)
    page = picker.get(reverse("task", args=[task.pk]))
    act(picker, task, ActionKind.RECEIVE, answers, code=RIGHT)
    assert task.stage == Stage.RECEIVED
    assert task.timeline.filter(kind=EntryKind.ACTION_FAILED).count() == 2
    until(lambda: not OrmQ.objects.exists(), "all jobs are done")
    assert Failure.objects.count() == 0, worker.said

    # It is all there for those who may see it…
    buyer = Buyer.objects.get(order=task.order)
    assert (buyer.name["full"], buyer.phones[0]["number"][-10:]) == (" ".join(NAMES), PHONES[1])
    assert (buyer.address["full"], buyer.comment, buyer.codes) == (ADDRESS, COMMENT, None)
    # …and nowhere in clear.
    metrics = picker.get("/metrics", headers={"authorization": "Bearer metrics-for-tests"})
    assert (metrics.status_code, picker.get("/readyz").status_code in (200, 503)) == (200, True)
    evidence = {
        "log of the worker": worker.said,
        "log of the web": caplog.text,
        "metrics": metrics.content.decode() + picker.get("/readyz").content.decode(),
        "jobs": jobs(),
        "sessions": " ".join(str(session.get_decoded()) for session in Session.objects.all()),
        "addresses and headers": " ".join(str(dict(answer.headers)) + str(answer.cookies) for answer in answers),
        "refusals on the page": " ".join(task.actions.values_list("error_detail", flat=True)),
        **tables(),
    }
    assert "upstream_call" in evidence["log of the worker"]
    assert "orders.tasks.send_due" in evidence["jobs"]
    assert page.status_code == 200
    assert ECHOED not in page.content.decode()
    assert found_in(evidence) == []


def test_the_search_for_a_leak_finds_one(db: None) -> None:
    """The control: a name in a wrong column is seen."""
    accounts.connect(
        "wildberries", title=NAMES[0], credentials={"token": TOKEN}, options={}, actor=actors.SYSTEM
    )  # fmt: skip
    assert found_in(tables()) == [("table orders_marketplaceaccount", NAMES[0])]


def found_in(evidence: dict[str, str]) -> list[tuple[str, str]]:
    return [(place, word) for place, text in evidence.items() for word in PLANTED if _stands_in(word, text)]


def _stands_in(word: str, text: str) -> bool:
    """Whether it is there; a number only as a number of its own, not as a part of a longer one."""
    return word in text and (not word.isdigit() or re.search(rf"(?<!\d){word}(?!\d)", text) is not None)


def jobs() -> str:
    """Name, arguments and result of every job that was run."""
    done = [*Success.objects.all(), *Failure.objects.all()]
    return "\n".join(f"{job.name} {job.func} {job.args} {job.kwargs} {job.group} {job.result}" for job in done)


def tables() -> dict[str, str]:
    """Every row of every table as the database holds it; the encrypted ones must not show anything either."""
    found = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            found[f"table {name}"] = "\n".join(readable(value) for row in cursor.fetchall() for value in row)
    return found


def readable(value: object) -> str:
    """Bytes as UTF-8 where they are, JSON with its letters unescaped."""
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode(errors="replace")
    text = str(value)
    return text.encode("ascii", "replace").decode("unicode_escape") + text if "\\u" in text else text
