"""Carrier accounts: nothing is stored that cannot work, and health is noted in one statement."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from backoffice.errors import CredentialsError, Invalid, Refused, Temporary
from backoffice.models import User
from carriers import services
from carriers.models import CarrierAccount
from carriers.services import Settings

pytestmark = pytest.mark.django_db

LOGIN = {"login": "shop", "password": "planted-secret"}
MEASOFT = Settings("Курьеры", options={"extra": "8"}, credentials=LOGIN)
DELLIN = Settings("Деловые Линии", credentials={"appkey": "planted-key"})
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def stored(account: CarrierAccount) -> CarrierAccount:
    return CarrierAccount.objects.get(pk=account.pk)


@pytest.fixture
def account() -> CarrierAccount:
    return services.connect("measoft", MEASOFT)


def test_connect(account: CarrierAccount) -> None:
    found = stored(account)

    assert (found.kind, found.title, found.dialect) == ("measoft", "Курьеры", "xml")
    assert found.base_url == "https://home.courierexe.ru/api/"
    assert (found.options, found.credentials) == ({"extra": "8"}, LOGIN)
    assert (found.enabled, found.active, found.ref) == (True, True, f"measoft:{found.pk}")
    assert (services.provider(found).kind, services.offer(found).batch) == ("measoft", 1)


def test_credentials_are_not_in_the_table_as_they_are(account: CarrierAccount) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM carriers_carrieraccount")
        (value,) = cursor.fetchone()

    assert b"planted-secret" not in bytes(value)


@pytest.mark.parametrize(
    ("kind", "wanted", "code"),
    [
        ("pigeon", MEASOFT, "kind"),
        ("measoft", Settings("x", options={"extra": "8"}, credentials={"login": "shop"}), "credentials"),
        ("measoft", Settings("x", options={"extra": "8"}), "credentials"),
        ("measoft", Settings("x", credentials=LOGIN), "option"),
        ("measoft", Settings("x", dialect="json", options={"extra": "8"}, credentials=LOGIN), "dialect"),
        ("dellin", Settings("x", credentials={"pat": "p"}), "credentials"),
        ("dellin", Settings("x", options={"number": "what"}, credentials={"appkey": "k"}), "option"),
        ("dellin", Settings("x", base_url="http://example.com", credentials={"appkey": "k"}), "insecure_address"),
        ("dellin", Settings("x", base_url="not an address", credentials={"appkey": "k"}), "bad_address"),
    ],
)
def test_what_cannot_work_is_refused_and_nothing_is_stored(kind: str, wanted: Settings, code: str) -> None:
    for refused in (services.connect, lambda kind, wanted: services.judge(None, kind, wanted)):
        with pytest.raises(Invalid) as found:
            refused(kind, wanted)
        assert found.value.code == code

    assert not CarrierAccount.objects.exists()


def test_the_database_knows_the_kinds() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CarrierAccount.objects.create(kind="pigeon", title="x", base_url="https://example.com", dialect="x")


def test_change_keeps_the_credentials_that_are_left_out(account: CarrierAccount) -> None:
    wanted = Settings("Другие", options={"extra": "9"}, credentials={"login": "shop-2", "password": ""})

    services.judge(account, "measoft", wanted)
    services.change(account, wanted, enabled=False)

    found = stored(account)
    assert (found.title, found.options, found.enabled, found.active) == ("Другие", {"extra": "9"}, False, False)
    assert found.credentials == {"login": "shop-2", "password": "planted-secret"}


@pytest.mark.parametrize(
    ("base_url", "given"),
    [
        ("https://elsewhere.example/api/", {}),
        ("https://elsewhere.example/api/", {"login": "shop-2"}),
        ("https://home.courierexe.ru:8443/api/", {"login": "shop-2", "password": ""}),
        ("http://127.0.0.1:9/api/", {"password": "planted-secret-2"}),
    ],
)
def test_another_address_does_not_get_what_is_stored(
    account: CarrierAccount, base_url: str, given: dict[str, str]
) -> None:
    wanted = Settings("Чужие", base_url, options={"extra": "8"}, credentials=given)

    with pytest.raises(Invalid) as caught:
        services.judge(account, "measoft", wanted)
    assert caught.value.code == "credentials"
    account.base_url = base_url  # as a form leaves it
    with pytest.raises(Invalid) as caught:
        services.change(account, wanted, enabled=True)

    assert caught.value.code == "credentials"
    assert "planted-secret" not in str(caught.value.message)
    found = stored(account)
    assert (found.title, found.base_url, found.credentials) == ("Курьеры", "https://home.courierexe.ru/api/", LOGIN)


@pytest.mark.parametrize(
    ("base_url", "given"),
    [
        ("https://elsewhere.example/api/", {"login": "shop-2", "password": "other"}),
        ("https://HOME.courierexe.ru:443/other/", {}),
    ],
)
def test_an_address_moves_with_new_credentials_and_within_a_host_without(
    account: CarrierAccount, base_url: str, given: dict[str, str]
) -> None:
    services.change(account, Settings("Курьеры", base_url, options={"extra": "8"}, credentials=given), enabled=True)

    assert (stored(account).base_url, stored(account).credentials) == (base_url, given or LOGIN)


def test_a_refused_change_changes_nothing(account: CarrierAccount) -> None:
    with pytest.raises(Invalid):
        services.change(account, Settings("Другие", options={}), enabled=False)

    found = stored(account)
    assert (found.title, found.options, found.enabled) == ("Курьеры", {"extra": "8"}, True)


def test_who_changed_what_is_recorded_and_never_a_value(account: CarrierAccount) -> None:
    boss = User.objects.create_user("boss")
    wanted = Settings("Другие", options={"extra": "9"}, credentials={"password": "planted-secret-2"})
    for _twice in range(2):
        services.change(account, wanted, enabled=True, by=boss.pk)
        services.pause(account, reason="holidays", by=boss.pk)
    services.resume(account, by=boss.pk)
    services.pause(account, reason="the system's own")
    services.connect("measoft", MEASOFT)

    rows = LogEntry.objects.filter(user=boss, object_id=str(account.pk)).order_by("pk")
    assert [json.loads(row.change_message)[0]["changed"]["fields"] for row in rows] == [
        ["title", "options", "credentials: password"], ["paused"], ["resumed"],
    ]  # fmt: skip
    assert LogEntry.objects.count() == 3
    assert "planted" not in str(list(rows.values()))


def test_pause_and_resume(account: CarrierAccount) -> None:
    services.pause(account, reason="x" * 400)
    assert (stored(account).active, len(stored(account).paused_reason), account.active) == (False, 300, False)

    services.resume(account)
    assert (stored(account).active, account.active) == (True, True)


def test_a_credentials_error_pauses_and_another_does_not(account: CarrierAccount) -> None:
    services.went_wrong(account, Temporary("timeout", method="POST", path="/"))
    assert stored(account).active
    assert "Temporary timeout: POST /" in stored(account).last_error

    services.went_wrong(account, CredentialsError("error_25", "Ошибка авторизации"))

    found = stored(account)
    assert not found.active
    assert "CredentialsError error_25 Ошибка авторизации" in found.paused_reason
    assert found.last_error_at is not None


def test_an_answer_of_another_address_is_kept_nowhere_at_the_account(account: CarrierAccount) -> None:
    CarrierAccount.objects.filter(pk=account.pk).update(base_url="https://intranet.example/x")
    services.went_wrong(stored(account), CredentialsError("error_25", "Ошибка авторизации"))

    found = stored(account)
    assert "CredentialsError error_25" in found.paused_reason
    assert "авторизации" not in found.paused_reason + found.last_error


@time_machine.travel(NOW, tick=False)
def test_went_well(account: CarrierAccount, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    services.went_wrong(account, Temporary("timeout"))

    with django_assert_num_queries(1):
        services.went_well(account)
    quiet = stored(account)
    services.went_well(account, news=True)

    assert (quiet.last_ok_at, quiet.last_news_at, quiet.last_error, quiet.last_error_at) == (NOW, None, "", None)
    assert stored(account).last_news_at == NOW


def test_places_are_kept_beside_each_other(account: CarrierAccount) -> None:
    other = stored(account)
    services.remember(account, "changes", "a")
    services.remember(other, "sweep", "b")
    services.remember(other, "changes", None)

    assert stored(account).cursors == {"sweep": "b"}


def test_settings_that_make_no_sense_any_more_are_a_refusal(account: CarrierAccount) -> None:
    CarrierAccount.objects.filter(pk=account.pk).update(options={})

    for broken in (services.provider, services.offer):
        with pytest.raises(Refused, match="settings"):
            broken(stored(account))


def test_one_key_is_one_budget_and_is_not_in_its_name() -> None:
    first, second = services.connect("dellin", DELLIN), services.connect("dellin", DELLIN)
    other = services.connect("dellin", Settings("x", credentials={"appkey": "another"}))

    names = [services.budget_name("dellin", services.connection(each)) for each in (first, second, other)]

    assert names[0] == names[1] != names[2]
    assert "planted-key" not in names[0]


def test_check_is_the_carriers(account: CarrierAccount) -> None:
    """Nobody listens there: nothing was sent and nothing is stored."""
    account.base_url = "http://127.0.0.1:9"

    with pytest.raises(Temporary):
        services.check(account)

    assert stored(account).last_error == ""
