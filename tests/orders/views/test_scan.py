"""Scans over HTTP: JSON for each, also for refusals; who may, and what the answer holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.models import User
from backoffice.people import Role, create_user
from orders import signs
from orders.enums import ActionKind
from orders.models import AssemblyTask, Badge, MarketplaceAccount, Pick, Scan
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask, made, pulled
from tests.orders.scans import typed_in_russian

MUG = "4600439931256"
FIELDS = {
    "nonce", "scan", "outcome", "reason", "tone", "sound", "title", "text", "notes", "links", "task", "go", "changed",
    "undo", "again", "html", "yes", "word", "head",
}  # fmt: skip


@pytest.fixture
def mug(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> AssemblyTask:
    made(upstream, skus=[MUG], requiredMeta=[])
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    return task


@pytest.fixture
def browser(picker: User) -> Client:
    picker.language = "en"
    picker.save(update_fields=["language"])
    client = Client(headers={"accept-language": "en"})
    client.force_login(picker)
    return client


def scanned(browser: Client, raw: str, nonce: str = "n-1", **more: Any) -> dict[str, Any]:
    answer = browser.post(reverse("scan_answer"), {"raw": raw, "nonce": nonce, **more})
    assert answer.status_code == 200, answer.content
    assert "no-store" in answer["Cache-Control"]
    return json.loads(answer.content)  # type: ignore[no-any-return]


def test_an_accepted_scan(browser: Client, mug: AssemblyTask) -> None:
    told = scanned(browser, MUG, task=mug.pk, at=1_700_000_000_000)

    assert set(told) == FIELDS
    scan = Scan.objects.get()
    assert {name: told[name] for name in FIELDS - {"title", "text", "html"}} == {
        "nonce": "n-1", "scan": scan.pk, "outcome": "accepted", "reason": "picked", "tone": "ok", "sound": "done", "notes": [],
        "links": [], "task": mug.pk, "go": "", "changed": True, "undo": scan.pk, "again": None, "yes": "",
        "word": "Accepted", "head": "",
    }  # fmt: skip
    assert told["title"] in told["html"]


def test_the_same_nonce_again_is_the_same_answer(browser: Client, mug: AssemblyTask) -> None:
    mug.items.update(quantity=3)
    first, again = scanned(browser, MUG, task=mug.pk), scanned(browser, MUG, task=mug.pk, replay="1")

    assert again == {**first, "html": again["html"]}
    assert (Pick.objects.count(), Scan.objects.count()) == (1, 1)


def test_a_refusal_is_an_answer_too(browser: Client, mug: AssemblyTask) -> None:
    told = scanned(browser, "4006381333931", task=mug.pk)

    assert (told["outcome"], told["tone"], told["sound"], told["changed"], told["undo"]) == (
        "refused", "bad", "error", False, None,
    )  # fmt: skip
    assert Pick.objects.count() == 0


def test_keys_are_read_instead_of_what_a_wrong_layout_typed(browser: Client, mug: AssemblyTask) -> None:
    sign = signs.of_task(mug.pk)
    told = scanned(browser, typed_in_russian(sign), keys=sign)

    assert (told["go"], told["notes"]) == (reverse("task", args=[mug.pk]), ["Keyboard layout corrected"])
    assert Scan.objects.get().raw == sign


def test_undo(browser: Client, mug: AssemblyTask) -> None:
    done = scanned(browser, MUG, task=mug.pk)
    answer = browser.post(reverse("scan_undo"), {"scan": done["undo"], "nonce": "u-1"})

    told = json.loads(answer.content)
    assert (told["reason"], told["changed"], Pick.objects.filter(undone_at=None).count()) == ("undone", True, 0)
    assert json.loads(browser.post(reverse("scan_undo"), {"nonce": "u-2"}).content)["reason"] == "nothing"


def test_a_badge_signs_the_picker_in(browser: Client, mug: AssemblyTask) -> None:
    boris = create_user("boris", role=Role.WAREHOUSE, password="x", weak=True)
    Badge.objects.create(user=boris)
    told = scanned(browser, signs.of_badge(boris.pk, 1), "b")
    scanned(browser, MUG, "m", task=mug.pk)

    assert (told["outcome"], told["go"]) == ("opened", "")
    assert Pick.objects.get().user == boris
    assert Scan.objects.order_by("pk").values_list("raw", flat=True)[0] == "BO-U"


@pytest.mark.parametrize(
    ("given", "status"),
    [({}, 422), ({"raw": "1"}, 422), ({"raw": "1", "nonce": "n" * 65}, 422), ({"raw": "1", "nonce": "n", "task": "x"}, 422),
     ({"raw": "1", "nonce": "n", "task": 10**30}, 422), ({"nonce": "n", "again": 4711}, 422)],
)  # fmt: skip
def test_nonsense_is_refused_with_words(browser: Client, given: dict[str, Any], status: int) -> None:
    answer = browser.post(reverse("scan_answer"), given)

    assert (answer.status_code, sorted(json.loads(answer.content))) == (status, ["text", "title"])
    assert Scan.objects.count() == 0


def test_a_task_that_does_not_exist_is_said_so(browser: Client) -> None:
    told = scanned(browser, "0104600439931256215RJZx80hlqAq3", task=987654)

    assert (told["outcome"], told["task"]) == ("refused", None)


def test_a_session_that_is_over_keeps_the_queue(db: None) -> None:
    answer = Client().post(reverse("scan_answer"), {"raw": "1", "nonce": "n"})

    assert (answer.status_code, json.loads(answer.content)) == (401, {"sign_in": "/sign-in/"})
    assert Scan.objects.count() == 0


def test_who_may_not_assemble_may_not_scan(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody"))

    assert client.post(reverse("scan_answer"), {"raw": "1", "nonce": "n"}).status_code == 403
    assert client.post(reverse("scan_undo"), {"nonce": "n"}).status_code == 403
    assert Scan.objects.count() == 0


def test_only_post(browser: Client) -> None:
    assert [browser.get(reverse(name)).status_code for name in ("scan_answer", "scan_undo")] == [405, 405]


def test_a_scan_that_asks_is_taken_in_spite_of_it(
    browser: Client, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    made(upstream, skus=[MUG], requiredMeta=["imei"])
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    asked = scanned(browser, "123456789012345", "a", task=task.pk)
    assert (asked["outcome"], asked["again"]) == ("ask", asked["scan"])

    taken = scanned(browser, "", "b", task=task.pk, again=asked["again"])
    assert (taken["outcome"], task.codes.count()) == ("accepted", 1)
