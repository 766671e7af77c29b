"""What answers of the floor say, and to whom: on the page of the task, on the board of refused scans, in the JSON of a scan."""

from __future__ import annotations

import ast
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from backoffice import faces
from backoffice.models import User
from orders import scanwords, signs, wording
from orders.codes.problem import CODES
from orders.enums import ActionKind, EntryKind, ScanOutcome, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarkingCode, Pick, Scan, TimelineEntry, Wave
from orders.presenting import present
from orders.queries import printing, refused
from orders.queries import waves as pages
from orders.queries.board import load
from orders.services import actors
from orders.services.warehouse import scanning, waves
from orders.signs import Command
from orders.views.refused import REASONS, reason_word
from tests.orders.floors import MUG, ONE, Item, hand, made, somebody, wildberries
from tests.orders.test_scanning import SGTIN

from .conftest import HTMX, browser, text_of

EYE: Item = ("HAND-1", 2, [])
FOREIGN = "4006381333931"


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def anna(picker: User) -> actors.Actor:
    return actors.staff(picker)


def scanned(web: Client, raw: str, nonce: str = "n-1", **more: Any) -> dict[str, Any]:
    answer = web.post("/scan/answer/", {"raw": raw, "nonce": nonce, **more})
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)  # type: ignore[no-any-return]


def verdict_on(web: Client, task: AssemblyTask) -> str:
    """What stands as the answer on the page of a task."""
    html = web.get(f"/tasks/{task.pk}/").content.decode()
    found = re.search(r'<div id="verdict"[^>]*>(.*?)<form class="scanbox"', html, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found.group(1))).strip()


# The page of the task --------------------------------------------------------------------------------------------------------


def test_only_my_own_scan_of_a_moment_ago_stands_on_the_page(
    shop: MarketplaceAccount, web: Client, anna: actors.Actor
) -> None:
    task = made(shop)
    scanning.scan(task.pk, scanning.Shot(FOREIGN, "b"), actor=hand("boris"))
    assert verdict_on(web, task) == ""
    scanning.scan(task.pk, scanning.Shot(FOREIGN, "a"), actor=anna)
    assert "Wrong item" in verdict_on(web, task)
    Scan.objects.update(scanned_at=timezone.now() - timedelta(minutes=6))
    assert verdict_on(web, task) == ""


def test_what_was_taken_back_does_not_stand_there(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    task = made(shop)
    scanning.scan(task.pk, scanning.Shot(MUG, "a"), actor=anna)
    assert "Right: MUG-1" in verdict_on(web, task)
    Scan.objects.update(undone_at=timezone.now())
    assert verdict_on(web, task) == ""


def test_goods_are_never_offered_as_a_parcel(shop: MarketplaceAccount, web: Client) -> None:
    task = made(shop)
    goods, parcel = scanned(web, FOREIGN, "g", task=task.pk), scanned(web, "25-00031005270", "p", task=task.pk)

    assert (goods["outcome"], parcel["outcome"]) == ("refused", "refused")
    assert "parcel-offer" not in goods["html"]
    assert f"/tasks/{task.pk}/parcels/?scan={parcel['scan']}" in parcel["html"]


def test_a_new_task_has_the_field_for_scans(shop: MarketplaceAccount, web: Client) -> None:
    new, gone = made(shop, stage=Stage.NEW), made(shop, stage=Stage.DELIVERING)

    assert 'id="scan-input"' in web.get(f"/tasks/{new.pk}/").content.decode()
    assert 'id="scan-input"' not in web.get(f"/tasks/{gone.pk}/").content.decode()


# One table of tones ----------------------------------------------------------------------------------------------------------


def test_a_repeat_is_amber_everywhere_and_says_so(shop: MarketplaceAccount, web: Client) -> None:
    task = made(shop, ("MUG-1", 2, [MUG]))
    scanned(web, MUG, "1", task=task.pk, at=1_000)
    told = scanned(web, MUG, "2", task=task.pk, at=1_900)

    assert (told["outcome"], told["tone"], told["word"]) == ("repeat", "warn", "Read twice, counted once")
    assert 'class="verdict warn"' in told["html"]
    assert "Read twice, counted once" in told["html"]
    assert Pick.objects.count() == 1
    assert scanned(web, MUG, "3", task=task.pk, at=4_600)["outcome"] == "accepted"


def test_every_outcome_has_a_tone() -> None:
    assert set(present.TONES) == set(ScanOutcome)
    assert set(present.TONES.values()) <= set(faces.VERDICTS) == set(faces.VERDICT_WORDS)
    assert len({faces.VERDICT_WORDS[tone] for tone in present.TONES.values()}) == len(ScanOutcome)


# JSON ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("held", "yes"), [(Stage.ASSEMBLING, "Swap"), (Stage.RECEIVED, "Yes, it came back")])
def test_the_button_of_a_question_says_what_it_does(
    shop: MarketplaceAccount, web: Client, anna: actors.Actor, held: Stage, yes: str
) -> None:
    coded: dict[str, Any] = {"code_kinds": ["sgtin"], "required_kinds": ["sgtin"]}
    one, other = made(shop, ONE, **coded), made(shop, ONE, **coded)
    scanning.scan(one.pk, scanning.Shot(SGTIN, "a"), actor=anna)
    AssemblyTask.objects.filter(pk=one.pk).update(stage=held)
    told = scanned(web, SGTIN, task=other.pk)

    assert (told["outcome"], told["yes"], told["again"]) == ("ask", yes, told["scan"])
    assert f'<button class="btn btn-outline-secondary">{yes}</button>' in told["html"]
    assert list(MarkingCode.objects.values_list("task", flat=True)) == [one.pk]
    done = scanned(web, "", "n-2", again=told["again"])
    assert (done["outcome"], done["yes"], done["again"]) == ("accepted", "", None)


def test_undo_of_another_task_is_asked_and_answered_by_its_button(shop: MarketplaceAccount, web: Client) -> None:
    task, other = made(shop), made(shop)
    scanned(web, MUG, "1", task=task.pk, at=1_000)
    scanned(web, signs.of_task(other.pk), "2", task=task.pk, at=9_000)
    told = scanned(web, signs.of_command(Command.UNDO), "3", task=other.pk, at=20_000)

    assert (told["outcome"], told["yes"], told["changed"], told["task"]) == ("ask", "Take it back", False, None)
    assert told["links"] == [{"text": "Open that task", "href": f"/tasks/{task.pk}/"}]
    assert Pick.objects.filter(undone_at=None).count() == 1
    done = scanned(web, "", "4", again=told["again"])
    assert (done["outcome"], done["reason"]) == ("opened", "undone")
    assert Pick.objects.filter(undone_at=None).count() == 0


def test_the_task_is_named_in_a_wave(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    task = made(shop)
    wave = waves.start(1, actor=anna)
    told = scanned(web, MUG, wave=wave.pk)

    assert (told["head"], told["task"]) == (f"#1 · {task.external_id}", task.pk)
    assert told["title"] == f"#1 · {task.external_id} · Right: MUG-1, 1 of 1"
    assert told["title"] in told["html"]


# Cards of a wave -------------------------------------------------------------------------------------------------------------


def test_cards_have_their_numbers_and_the_one_in_the_hand_is_marked(
    shop: MarketplaceAccount, web: Client, picker: User, anna: actors.Actor
) -> None:
    tasks = [made(shop, minutes=n) for n in (1, 2)]
    wave = waves.start(2, actor=anna)
    board = load(picker.pk)
    before = pages.wave_page(wave.pk, board)
    scanned(web, MUG, "1", wave=wave.pk, at=1_000)
    scanned(web, MUG, "2", wave=wave.pk, at=9_000)
    after = pages.wave_page(wave.pk, board)

    assert before is not None
    assert after is not None
    assert [(card.task.pk, card.slot, card.hand) for card in before.cards] == [
        (tasks[0].pk, 1, False), (tasks[1].pk, 2, False),
    ]  # fmt: skip
    assert [card.hand for card in after.cards] == [False, True]
    assert after.lines[0].places == [(1, 1), (2, 1)]
    assert before.fingerprint != after.fingerprint
    listed = printing.pick_list(wave.pk, board)
    assert listed is not None
    assert [(task.pk, vars(task)["slot"]) for task in listed.tasks] == [(tasks[0].pk, 1), (tasks[1].pk, 2)]


# The board of refused scans --------------------------------------------------------------------------------------------------


@pytest.fixture
def lead(boss: User) -> Client:
    return browser(boss)


def test_commands_are_shown_as_they_are(shop: MarketplaceAccount, web: Client, lead: Client) -> None:
    task = made(shop)
    scanned(web, signs.of_command(Command.READY), task=task.pk)

    said = text_of(lead.get("/scans/"))
    assert "BO-C-READY" in said
    assert "1 unit is not scanned" in said
    assert refused.shown("иванов") != "иванов"


def test_a_lead_reads_refusals_in_his_own_language(shop: MarketplaceAccount, lead: Client, boss: User) -> None:
    ivan, task = Client(headers={"Accept-Language": "ru"}), made(shop)
    ivan.force_login(somebody("ivan", language="ru"))
    told = scanned(ivan, signs.of_command(Command.READY), task=task.pk)
    scan = Scan.objects.get()
    assert scan.facts["lang"] == "ru"

    said = text_of(lead.get("/scans/"))
    assert "1 unit is not scanned" in said
    assert told["title"] not in said or told["title"] == "1 unit is not scanned"
    with translation.override("ru"):
        assert scanwords.said(scan) == (told["title"], told["text"])


def test_the_ledger_says_what_the_marketplace_has_decided_in_our_words(
    shop: MarketplaceAccount, web: Client, anna: actors.Actor
) -> None:
    task = made(shop, code_kinds=["sgtin"], required_kinds=["sgtin"])
    scanning.scan(task.pk, scanning.Shot(SGTIN, "a"), actor=anna)
    MarkingCode.objects.update(detail="sgtinIntroduced", state="verified")
    said = text_of(web.post("/codes/", {"code": SGTIN}, follow=True))

    assert "code is in circulation" in said
    assert "sgtinIntroduced" not in said


def codes_raised() -> set[str]:
    """Codes of every refusal that the floor's own modules raise."""
    names = {
        "floor", "scanning", "undoing", "picking", "swaps", "marking", "assembly", "badges", "waves", "training", "articles",
        "seeing", "shipments",
    }  # fmt: skip
    found = set()
    files = [path for path in (Path(settings.BASE_DIR) / "orders/services").rglob("*.py") if path.stem in names]
    assert {path.stem for path in files} == names
    for path in files:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("Conflict", "Invalid")
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found - {"warnings", "count", "actor", "wave_open", "reason"}  # a question, and what no scan does


def test_every_reason_of_a_refusal_has_a_word() -> None:
    lacking = sorted(code for code in codes_raised() if code not in REASONS and code not in CODES)
    assert lacking == []
    assert {"picked_all", "taken", "nothing", "told", "not_begun"} <= codes_raised()
    assert reason_word("picked_all") != "picked all"


def translated_in_pieces(source: str) -> list[int]:
    """Lines where a text is translated inside an f-string: no collector of texts finds it there."""
    names = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "npgettext", "pgettext_lazy", "ngettext_lazy"}
    found = []
    for pieces in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)):
        calls = (node.func for node in ast.walk(pieces) if isinstance(node, ast.Call))
        found += [pieces.lineno for func in calls if isinstance(func, ast.Name) and func.id in names]
    return found


def test_no_text_is_translated_inside_an_f_string() -> None:
    assert translated_in_pieces("""x = f"{_('Yes')} {n}" """) == [1]
    files = [
        path for app in ("backoffice", "carriers", "orders") for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
    ]
    wrong = {path.name: lines for path in files if (lines := translated_in_pieces(path.read_text()))}
    assert len(files) > 100
    assert wrong == {}


# By eye ----------------------------------------------------------------------------------------------------------------------


def see(web: Client, task: AssemblyTask, nonce: str = "e-1", **more: Any) -> Any:
    return web.post(f"/tasks/{task.pk}/items/{task.items.get().pk}/seen/", {"nonce": nonce}, **more)


def test_goods_without_a_barcode_are_checked_by_eye(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    task = made(shop, EYE)
    item = task.items.get()
    page = web.get(f"/tasks/{task.pk}/").content.decode()
    assert f'id="seen-{item.pk}"' in page
    assert see(web, task).status_code == 302

    scan = Scan.objects.get()
    assert (scan.kind, scan.raw, scan.outcome, scan.effect) == ("eye", "", "accepted", "pick")
    assert Pick.objects.values_list("item", "unit", "user", "scan").get() == (item.pk, 1, picker.pk, scan.pk)
    assert see(web, task).status_code == 302  # the same button sent twice
    assert Pick.objects.count() == 1
    page = see(web, task, "e-2", headers=HTMX).content.decode()
    assert "Checked by eye: HAND-1, 2 of 2" in page
    assert f'id="seen-{item.pk}"' not in page
    titles = [wording.entry_title(row) for row in TimelineEntry.objects.filter(task=task).order_by("pk")]
    assert titles == [
        "Taken into work", "Checked by eye: HAND-1, 1 of 2", "Checked by eye: HAND-1, 2 of 2",
        "All goods are there, each one scanned or checked",
    ]  # fmt: skip
    see(web, task, "e-3")
    assert (Scan.objects.order_by("-pk")[0].reason, Pick.objects.count()) == ("picked_all", 2)


def test_what_was_checked_by_eye_can_be_taken_back(shop: MarketplaceAccount, web: Client) -> None:
    task = made(shop, EYE)
    see(web, task)
    assert scanned(web, signs.of_command(Command.UNDO), task=task.pk)["reason"] == "undone"

    assert Pick.objects.filter(undone_at=None).count() == 0
    assert TimelineEntry.objects.filter(task=task, kind=EntryKind.PICK_UNDONE).count() == 1


@pytest.mark.parametrize(("item", "fields", "reason"), [
    (ONE, {}, "has_barcode"),
    (EYE, {"required_kinds": ["sgtin"], "code_kinds": ["sgtin"]}, "needs_code"),
    (EYE, {"stage": Stage.DELIVERING}, "stage"),
])  # fmt: skip
def test_what_can_be_scanned_is_not_checked_by_eye(
    shop: MarketplaceAccount, web: Client, item: Any, fields: dict[str, Any], reason: str
) -> None:
    task = made(shop, item, **fields)
    assert "seen-" not in web.get(f"/tasks/{task.pk}/").content.decode()
    see(web, task)

    assert (Scan.objects.get().reason, Pick.objects.count()) == (reason, 0)
    task.refresh_from_db()
    assert task.assignee_id is None


def test_nobody_checks_the_goods_of_another(shop: MarketplaceAccount, web: Client, onlooker: Client) -> None:
    task = made(shop, EYE, assignee=somebody("boris"))
    see(web, task)
    assert (Scan.objects.get().reason, Pick.objects.count()) == ("taken", 0)
    assert see(onlooker, task).status_code == 403
    stranger = made(shop)
    answer = web.post(f"/tasks/{stranger.pk}/items/{task.items.get().pk}/seen/", {"nonce": "x"})
    assert (answer.status_code, Pick.objects.count()) == (404, 0)


def test_ready_is_asked_by_its_command_after_start(shop: MarketplaceAccount, web: Client) -> None:
    task = made(shop, stage=Stage.NEW)
    told = scanned(web, signs.of_command(Command.START), task=task.pk)

    assert (told["outcome"], told["reason"], told["changed"]) == ("opened", "start", True)
    assert list(task.actions.values_list("kind", flat=True)) == [ActionKind.CONFIRM]
    assert Wave.objects.count() == 0
