"""Carrier accounts and parcels in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ

from backoffice import payloads
from backoffice.errors import CredentialsError
from backoffice.models import User
from carriers.models import CarrierAccount
from orders.enums import AttentionKind
from orders.models import DeliveryServiceName, Shipment
from orders.services import actors, attention, buyers
from orders.services.shipping import shipments, tracking
from sandbox.server import RunningSandbox
from tests.orders.admin.conftest import browser
from tests.orders.admin.pages import errors_of, press
from tests.orders.tracking.parcels import carrier_account, event, measoft, order_of, shop_account, snapshot

pytestmark = pytest.mark.django_db
MODEL = "carriers.carrieraccount"
ADD = "/admin/carriers/carrieraccount/add/"


def form(**more: Any) -> dict[str, Any]:
    return {"title": "Couriers", "kind": "measoft", "base_url": "", "dialect": "", "options": '{"extra": "8"}', **more}


def change_path(account: CarrierAccount) -> str:
    return f"/admin/carriers/carrieraccount/{account.pk}/change/"


def test_an_account_is_added_with_what_is_usual(manager: Client) -> None:
    answer = manager.post(ADD, form(secret_login="shop", secret_password="a-very-secret-word"))

    account = CarrierAccount.objects.get()
    assert answer.status_code == 302
    assert (account.title, account.dialect, account.base_url, account.options) == (
        "Couriers", "xml", "https://home.courierexe.ru/api/", {"extra": "8"},
    )  # fmt: skip
    assert account.credentials == {"login": "shop", "password": "a-very-secret-word"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "secret_login"),
        ({"secret_login": "l"}, "secret_password"),
        ({"kind": "dellin"}, "secret_appkey"),
        ({"secret_login": "l", "secret_password": "p", "kind": "pigeons"}, "kind"),
        ({"secret_login": "l", "secret_password": "p", "dialect": "json"}, "dialect"),
        ({"secret_login": "l", "secret_password": "p", "base_url": "http://shop.example"}, "base_url"),
        ({"secret_login": "l", "secret_password": "p", "options": "{}"}, "options"),
        ({"secret_login": "l", "secret_password": "p", "options": "[]"}, "options"),
    ],
)
def test_nonsense_is_an_error_of_its_field_and_creates_nothing(
    manager: Client, more: dict[str, str], field: str
) -> None:
    answer = manager.post(ADD, form(**more))

    assert list(errors_of(answer)) == [field]
    assert CarrierAccount.objects.count() == 0


def test_the_delivery_service_is_chosen_from_the_marketplaces_list(manager: Client) -> None:
    shop = shop_account("yandex_market")
    for number, name in (("1000001", "Swift"), ("139", "DPD")):
        DeliveryServiceName.objects.create(account=shop, external_id=number, name=name)
    account = carrier_account()
    page = manager.get(change_path(account)).content.decode()
    assert '<option value="139">DPD</option>' in page
    assert "none: numbers are not told" in page

    def save(**more: Any) -> dict[str, Any]:
        said = form(base_url=account.base_url, enabled="on", **more)
        assert manager.post(change_path(account), said).status_code == 302
        account.refresh_from_db()
        return dict(account.options)

    assert save(track_service="1000001") == {"extra": "8", "track_service": "1000001"}
    written = '{"extra": "8", "track_service": "1000001"}'
    assert '<option value="1000001" selected>Swift</option>' in manager.get(change_path(account)).content.decode()
    assert save(options=written) == {"extra": "8", "track_service": "1000001"}  # a form without the field
    assert save(options='{"extra": "9", "track_service": "7"}', track_service="1000001")["track_service"] == "7"
    assert '<option value="7" selected>7</option>' in manager.get(change_path(account)).content.decode()
    assert save(options=written, track_service="") == {"extra": "8"}

    answer = manager.post(change_path(account), form(base_url=account.base_url, enabled="on", track_service="5"))
    account.refresh_from_db()
    assert list(errors_of(answer)) == ["track_service"]
    assert account.options == {"extra": "8"}


def test_secrets_are_never_shown_and_stay_when_left_empty(manager: Client) -> None:
    account = carrier_account()
    account.credentials = {"login": "shop", "password": "a-very-secret-word"}
    account.save()
    page = manager.get(change_path(account)).content.decode()
    assert "a-very-secret-word" not in page

    manager.post(
        change_path(account), form(title="Renamed", base_url=account.base_url, secret_login="new", enabled="on")
    )

    account.refresh_from_db()
    assert (account.title, account.credentials) == ("Renamed", {"login": "new", "password": "a-very-secret-word"})


def test_the_connection_is_tried_and_the_account_paused_and_resumed(upstream: RunningSandbox, manager: Client) -> None:
    account = measoft(upstream)
    assert press(manager, MODEL, account.pk, "check") == ["The carrier answered: address and credentials are right."]
    question = attention.Question(
        AttentionKind.CREDENTIALS, f"credentials:{account.ref}", carrier_account_id=account.pk
    )
    attention.open_one(question)

    press(manager, MODEL, account.pk, "pause")
    account.refresh_from_db()
    assert (account.paused_reason, account.active) == ("paused by boss", False)
    press(manager, MODEL, account.pk, "resume")

    account.refresh_from_db()
    assert (account.active, attention.open_keys([question.key])) == (True, set())


def test_wrong_credentials_pause_the_account_and_are_asked_about(upstream: RunningSandbox) -> None:
    account = measoft(upstream)
    account.credentials = {"login": "sandbox", "password": "wrong"}
    account.save()
    shipments.attach(order_of(shop_account(), "1").pk, account.pk, "A1", actor=actors.SYSTEM)

    with pytest.raises(CredentialsError):
        tracking.poll(account)

    account.refresh_from_db()
    assert (account.active, attention.open_keys([f"credentials:{account.ref}"])) == (
        False, {f"credentials:{account.ref}"},
    )  # fmt: skip


@pytest.fixture
def parcel() -> Shipment:
    account = carrier_account()
    found = shipments.attach(order_of(shop_account(), "1001").pk, account.pk, "A1", actor=actors.SYSTEM)
    tracking.apply(account, [snapshot("A1", event("NEW"))], found.created_at)
    found.refresh_from_db()
    return found


def test_parcels_are_looked_at_asked_about_and_taken_off(
    parcel: Shipment, manager: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert "A1" in manager.get("/admin/orders/shipment/").content.decode()
    assert manager.get(f"/admin/orders/shipment/{parcel.pk}/change/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        press(manager, "orders.shipment", parcel.pk, "ask")
    assert OrmQ.objects.get().task["func"] == "orders.tasks.track_parcels"

    assert press(manager, "orders.shipment", parcel.pk, "detach") == ["Tell why the parcel is taken off."]
    press(manager, "orders.shipment", parcel.pk, "detach", reason="wrong order")
    parcel.refresh_from_db()
    assert parcel.detach_reason == "wrong order"
    for path in (f"shipment/{parcel.pk}/change/", f"shipment/{parcel.pk}/delete/", "shipment/add/", "reaction/add/"):
        assert manager.post(f"/admin/orders/{path}", {"post": "yes", "number": "B"}).status_code == 403


def test_who_opens_a_raw_answer_of_a_carrier_is_recorded_at_its_order(
    parcel: Shipment, manager: Client, boss: User
) -> None:
    assert parcel.raw is not None
    # An order of a marketplace account with the same number is none of it.
    other = order_of(shop_account(), "A1")
    buyers.fresh(parcel.order_id, None, "").save()
    buyers.fresh(other.pk, None, "").save()
    page = manager.get(f"/admin/backoffice/rawpayload/{parcel.raw.pk}/open/")

    assert "&lt;order/&gt;" in page.content.decode()
    assert parcel.order.timeline.get(kind="buyer_shown").actor == boss
    assert other.timeline.count() == 0
    payload = payloads.keep("import", 0, "parcels", b"table")
    assert manager.get(f"/admin/backoffice/rawpayload/{payload.pk}/open/").status_code == 200


def test_pages_need_their_rights(parcel: Shipment, boss: User) -> None:
    boss.groups.clear()
    nobody = browser(boss)
    for path in ("carriers/carrieraccount/", "orders/shipment/", "orders/reaction/", "orders/reactionrule/"):
        assert nobody.get(f"/admin/{path}").status_code == 403
