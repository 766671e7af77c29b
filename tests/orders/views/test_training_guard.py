"""Training: whatever is posted from the wrong side does nothing, by any address, selection or scan."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, reverse

from backoffice.errors import Conflict
from backoffice.models import User
from carriers.models import CarrierAccount
from orders import fakecodes, signs, urls
from orders.enums import ActionKind, Stage
from orders.models import AssemblyTask, MarketplaceAction, Pick, Scan, Shipment, Wave
from orders.services import actors
from orders.services.sending import outbox
from orders.services.shipping import shipments
from orders.services.syncing import sync
from sandbox.server import RunningSandbox
from tests.orders.conftest import work
from tests.orders.exercises import begin

from .conftest import HTMX, Exercise, Task, text_of

SIDES = ["training", "work"]
#: Addresses of a task, an order or a wave that do something with it when they are posted to.
ACTING = {
    "task_scan", "task_remove", "task_take", "task_release", "task_act", "task_detail", "task_calls", "task_decide",
    "task_buyer", "task_missing", "task_found", "task_seen", "order_fields", "order_buyer", "parcel_attach",
    "desk_task", "wave_add", "wave_confirm", "wave_close", "wave_remove",
}  # fmt: skip


def everything() -> dict[str, list[Any]]:
    """All rows of the app, to see that nothing changed."""
    models = apps.get_app_config("orders").get_models()
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def addresses(task: AssemblyTask, wave: Wave) -> dict[str, str]:
    """Every address of the app that names a task, an order or a wave, with those of this task."""
    item = task.items.get()
    known = {
        "task_id": task.pk, "order_id": task.order_id, "wave_id": wave.pk, "item_id": item.pk, "code_id": 1,
        "action_id": 1, "kind": "cancel", "what": "stop",
    }  # fmt: skip
    found = {}
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        names = pattern.pattern.converters
        if {"task_id", "order_id", "wave_id"} & set(names):
            found[str(pattern.name)] = reverse(str(pattern.name), kwargs={name: known[name] for name in names})
    return found


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["form", "htmx"])
@pytest.mark.parametrize("side", SIDES)
def test_whatever_is_posted_to_the_other_side_does_nothing(
    exercise: Exercise, task_at: Task, web: Client, picker: User, side: str, headers: dict[str, str]
) -> None:
    real, fake = task_at(), exercise()
    there = real if side == "training" else fake
    if side == "training":
        begin(web)
    wave = Wave.objects.create(picker=picker)
    AssemblyTask.objects.filter(pk=there.pk).update(wave=wave)
    before = everything()

    answers = {
        name: web.post(address, {"seen": there.stage, "kind": "confirm", "nonce": "1", "raw": "x"}, headers=headers)
        for name, address in addresses(there, wave).items()
    }

    codes = {name: answer.status_code for name, answer in answers.items()}
    refused = {name for name, code in codes.items() if code == 409}
    assert set(codes.values()) <= {409, 405}, codes
    assert refused == ACTING
    words = "this order is real" if side == "training" else "This order is an exercise"
    assert [name for name in refused if words not in text_of(answers[name])] == []
    assert everything() == before


@pytest.mark.parametrize("side", SIDES)
def test_a_selection_with_one_of_the_other_side_does_nothing(
    exercise: Exercise, task_at: Task, web: Client, side: str
) -> None:
    real, fake = task_at(), exercise()
    if side == "training":
        begin(web)
    before = everything()

    answer = web.post("/tasks/many/", {"task": [real.pk, fake.pk], "kind": "confirm"})

    assert answer.status_code == 409
    assert everything() == before


def test_a_bulk_run_frozen_in_training_does_not_start_out_of_it(exercise: Exercise, web: Client) -> None:
    fake = exercise()
    begin(web)
    run = web.post("/tasks/many/", {"task": [fake.pk], "kind": "confirm"})["Location"]
    web.post("/training/stop/")

    assert web.post(run).status_code == 409
    assert MarketplaceAction.objects.count() == 0


@pytest.mark.parametrize("side", SIDES)
def test_a_scan_at_the_other_side_is_refused(exercise: Exercise, task_at: Task, web: Client, side: str) -> None:
    real, fake = task_at(Stage.ASSEMBLING, article="mug-unicorn"), exercise(article="mug-unicorn")
    if side == "training":
        begin(web)
    there = real if side == "training" else fake
    barcode = there.items.get().barcodes[0]
    scan = web.post("/scan/answer/", {"raw": barcode, "nonce": "n-1", "task": there.pk}).json()

    assert (scan["outcome"], scan["reason"], scan["changed"]) == ("refused", "training", False)
    assert list(Scan.objects.values_list("outcome", "effect")) == [("refused", "")]
    there.refresh_from_db()
    assert there.assignee_id is None


def test_a_number_scanned_opens_what_is_on_this_side(exercise: Exercise, task_at: Task, web: Client) -> None:
    real, fake = task_at(), exercise()

    def scan(task: AssemblyTask, nonce: str) -> tuple[str, str]:
        told = web.post("/scan/answer/", {"raw": task.external_id, "nonce": nonce}).json()
        return told["outcome"], told["go"]

    assert [scan(real, "1"), scan(fake, "2")] == [("opened", f"/tasks/{real.pk}/"), ("refused", "")]
    begin(web)
    assert [scan(real, "3"), scan(fake, "4")] == [("refused", ""), ("opened", f"/tasks/{fake.pk}/")]


def test_the_outbox_itself_knows_the_sides(exercise: Exercise, picker: User) -> None:
    """A second lock behind the pages: whoever asks on behalf of a person says on which side he is."""
    fake = exercise()
    on, off = (actors.staff(picker, training=flag) for flag in (True, False))
    wish = outbox.Wish(ActionKind.CONFIRM)

    outcome = outbox.request_many([fake.pk], wish, actor=off)[fake.pk]
    assert getattr(outcome, "code", "") == "training"
    assert MarketplaceAction.objects.count() == 0
    assert isinstance(outbox.request(fake.pk, wish, actor=on), MarketplaceAction)


def test_parcels_of_the_two_sides_do_not_mix(
    exercise: Exercise, task_at: Task, courier: CarrierAccount, upstream: RunningSandbox, picker: User
) -> None:
    real, fake = task_at(), exercise()
    first, second = upstream.measoft.make(count=2, steps=1)
    on, off = (actors.staff(picker, training=flag) for flag in (True, False))

    for task, actor in ((fake, actors.SYSTEM), (fake, on), (real, on)):
        with pytest.raises(Conflict, match="training"):
            shipments.attach(task.order_id, courier.pk, first, actor=actor)
    assert Shipment.objects.count() == 0
    CarrierAccount.objects.update(training=True)
    assert shipments.attach(fake.order_id, courier.pk, first, actor=on).order_id == fake.order_id
    with pytest.raises(Conflict, match="training"):
        shipments.attach(real.order_id, courier.pk, second, actor=off)
    assert Shipment.objects.count() == 1


def test_a_scan_of_the_other_side_is_not_taken_back(exercise: Exercise, web: Client) -> None:
    fake = exercise(article="mug-unicorn")
    begin(web)
    picked = web.post("/scan/answer/", {"raw": fake.items.get().barcodes[0], "nonce": "1", "task": fake.pk}).json()
    web.post("/training/stop/")
    refused = [
        web.post("/scan/undo/", {"nonce": f"u{n}", **more}).json()
        for n, more in enumerate(({}, {"scan": picked["scan"]}))
    ]

    assert (picked["outcome"], [answer["outcome"] for answer in refused]) == ("accepted", ["refused", "refused"])
    assert Pick.objects.get().undone_at is None


def test_an_exercise_is_worked_on_from_the_paper(exercise: Exercise, web: Client, upstream: RunningSandbox) -> None:
    """Begun, opened by its sign, its code scanned as it is printed and accepted by the sandbox."""
    fake = exercise(requiredMeta=["sgtin"], article="boots-42-blk")
    item = fake.items.get()
    begin(web)
    web.post(f"/tasks/{fake.pk}/act/", {"kind": "confirm", "seen": "new", "nonce": "c"})
    work(fake.account)
    code = fakecodes.of_unit(item, 1, "sgtin").value
    opened = web.post("/scan/answer/", {"raw": signs.of_task(fake.pk), "nonce": "s-1"}).json()
    coded = web.post("/scan/answer/", {"raw": code, "nonce": "s-2", "task": fake.pk}).json()
    work(fake.account)
    upstream.advance(3600)
    sync.check_codes(fake.account)

    assert opened["go"] == f"/tasks/{fake.pk}/"
    assert (coded["outcome"], coded["reason"]) == ("accepted", "accepted")
    assert list(fake.codes.values_list("value", "state")) == [(code, "verified")]
