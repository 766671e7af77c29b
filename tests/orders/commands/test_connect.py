"""`connect`: secrets from the environment, one harmless call, the id and nothing else; or one line and no account."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from backoffice.errors import Invalid
from backoffice.models import RawPayload
from carriers.models import CarrierAccount
from orders.models import MarketplaceAccount, Order
from orders.services import accounts
from orders.services.actors import SYSTEM
from sandbox.server import RunningSandbox
from tests.orders.conftest import SELLER, made


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("connect", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    """The one line of a refusal that created nothing."""
    with pytest.raises(CommandError) as refusal:
        run(*arguments)
    assert MarketplaceAccount.objects.count() == 0
    text = str(refusal.value)
    assert "\n" not in text
    return text


def test_an_account_is_tried_then_created(db: None, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECT_TOKEN", SELLER)
    made(upstream)

    printed = run(
        "wildberries", "--title", "Shop", "--base-url", f"{upstream.wildberries_url}/", "--option", "dialect=v3",
        "--option", "deadline_hours=12",
    )  # fmt: skip

    account = MarketplaceAccount.objects.get()
    assert printed == f"{account.pk}\n"
    assert (account.kind, account.title, account.base_url) == ("wildberries", "Shop", upstream.wildberries_url)
    assert (account.dialect, account.options) == ("v3", {"deadline_hours": "12"})
    assert account.credentials == {"token": SELLER}
    assert (account.enabled, Order.objects.count(), RawPayload.objects.count()) == (True, 0, 0)


def test_without_check_no_call_is_made(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECT_TOKEN", "whatever")

    run("wildberries", "--title", "Shop", "--base-url", "http://127.0.0.1:9", "--no-check")

    account = MarketplaceAccount.objects.get()
    assert (account.dialect, account.credentials) == ("batch", {"token": "whatever"})


def test_the_usual_address_is_that_of_the_marketplace(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECT_TOKEN", "whatever")

    run("wildberries", "--title", "Shop", "--no-check")

    assert MarketplaceAccount.objects.get().base_url == "https://marketplace-api.wildberries.ru"


def test_a_refused_token_creates_nothing_and_is_not_repeated(
    db: None, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECT_TOKEN", "a-token-nobody-knows")

    text = refused("wildberries", "--title", "Shop", "--base-url", upstream.wildberries_url)

    assert "The credentials were not accepted" in text
    assert "a-token-nobody-knows" not in text


def test_an_address_where_nobody_answers_creates_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECT_TOKEN", SELLER)

    text = refused("wildberries", "--title", "Shop", "--base-url", "http://127.0.0.1:9")

    assert text.startswith("The account was not connected. Nobody answers at this address now.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ozon", "--title", "Shop"], "Known: wildberries"),
        (["wildberries", "--title", " "], "--title must not be empty"),
        (["wildberries", "--title", "Shop", "--option", "dialect"], "NAME=VALUE"),
        (["wildberries", "--title", "Shop", "--option", "=v3"], "NAME=VALUE"),
        (
            ["wildberries", "--title", "Shop", "--option", "dialect=soap"],
            "The dialect “soap” is not one of: batch, v3.",
        ),
        (["wildberries", "--title", "Shop", "--option", "deadline_hours=many"], "deadline_hours"),
        (["wildberries", "--title", "Shop", "--base-url", "ftp://shop"], "address"),
        (["wildberries", "--title", "Shop", "--base-url", "http://shop.example"], "https://"),
        (["wildberries"], "--title"),
    ],
)
def test_nonsense_is_one_clear_line(
    db: None, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.setenv("CONNECT_TOKEN", SELLER)

    assert words in refused(*arguments, "--no-check")


def test_a_missing_secret_names_its_variable(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONNECT_TOKEN", raising=False)

    assert "CONNECT_TOKEN" in refused("wildberries", "--title", "Shop", "--no-check")


def test_carriers_are_tried_then_created(db: None, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECT_LOGIN", "sandbox")
    monkeypatch.setenv("CONNECT_PASSWORD", " secret ")
    monkeypatch.setenv("CONNECT_APPKEY", "sandbox")

    first = run("measoft", "--title", "Couriers", "--base-url", upstream.measoft.url, "--option", "extra=8")
    second = run("dellin", "--title", "Dellin", "--base-url", upstream.dellin.url)

    measoft, dellin = CarrierAccount.objects.order_by("pk")
    assert (first, second) == (f"{measoft.pk}\n", f"{dellin.pk}\n")
    assert (measoft.kind, measoft.options) == ("measoft", {"extra": "8"})
    assert measoft.credentials == {"login": "sandbox", "password": "secret"}
    assert (dellin.kind, dellin.dialect, dellin.credentials) == ("dellin", "json", {"appkey": "sandbox"})
    assert MarketplaceAccount.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "env", "words"),
    [
        (["measoft", "--title", "C", "--option", "extra=8"], {}, "CONNECT_LOGIN"),
        (["measoft", "--title", "C", "--option", "extra=8"], {"CONNECT_LOGIN": "sandbox"}, "CONNECT_PASSWORD"),
        (["measoft", "--title", "C"], {"CONNECT_LOGIN": "sandbox", "CONNECT_PASSWORD": "p"}, "extra"),
        (["dellin", "--title", "D"], {}, "CONNECT_APPKEY"),
        (["dellin", "--title", "D", "--option", "arrival=moon"], {"CONNECT_APPKEY": "sandbox"}, "arrival"),
        (["dellin", "--title", "D", "--option", "dialect=csv"], {"CONNECT_APPKEY": "sandbox"}, "csv"),
    ],
)
def test_a_carrier_that_cannot_be_connected_is_not_created(
    db: None, monkeypatch: pytest.MonkeyPatch, arguments: list[str], env: dict[str, str], words: str
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    assert words in refused(*arguments, "--base-url", "http://127.0.0.1:9")
    assert CarrierAccount.objects.count() == 0


def test_wrong_credentials_of_a_carrier_are_told_in_one_line(
    db: None, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECT_LOGIN", "sandbox")
    monkeypatch.setenv("CONNECT_PASSWORD", "wrong-word")

    said = refused("measoft", "--title", "C", "--base-url", upstream.measoft.url, "--option", "extra=8")

    assert said.startswith("The account was not connected.")
    assert "wrong-word" not in said
    assert CarrierAccount.objects.count() == 0


def test_an_account_for_training_speaks_with_a_sandbox_only(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("CONNECT_TOKEN", SELLER)
    settings.TRAINING_HOSTS = ["sandbox.example.org"]

    for more in ([], ["--base-url", "https://127.0.0.1.example.org/x"], ["--base-url", "https://sandbox.example"]):
        text = refused("wildberries", "--title", "Gym", "--training", "--no-check", *more)
        assert "An account for training speaks with a sandbox only" in text

    run("wildberries", "--title", "Gym", "--training", "--no-check", "--base-url", "https://SANDBOX.example.org/wb")
    assert MarketplaceAccount.objects.get().training


def test_a_carrier_for_training_too(db: None, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECT_LOGIN", upstream.measoft.login)
    monkeypatch.setenv("CONNECT_PASSWORD", upstream.measoft.password)
    given = ("measoft", "--title", "Gym", "--option", f"extra={upstream.measoft.extra}", "--training")

    with pytest.raises(CommandError, match="sandbox only"):
        run(*given, "--no-check", "--base-url", "https://measoft.example")
    assert CarrierAccount.objects.count() == 0
    run(*given, "--base-url", upstream.measoft.url)
    assert CarrierAccount.objects.get().training


def test_an_account_for_training_stays_at_the_sandbox(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address may be changed, but not to a real marketplace: real orders would pass for exercises."""
    monkeypatch.setenv("CONNECT_TOKEN", SELLER)
    run("wildberries", "--title", "Gym", "--training", "--no-check", "--base-url", "http://127.0.0.1:9")
    account = MarketplaceAccount.objects.get()
    again = {"token": SELLER}
    real = accounts.Settings("Gym", "https://marketplace-api.wildberries.ru", credentials=again)

    with pytest.raises(Invalid, match="training_host"):
        accounts.judge(account, "wildberries", real)
    with pytest.raises(Invalid, match="training_host"):
        accounts.change(account, real, enabled=True, actor=SYSTEM)
    account.refresh_from_db()
    assert account.base_url == "http://127.0.0.1:9"
    accounts.change(
        account, accounts.Settings("Gym", "http://localhost:8", credentials=again), enabled=True, actor=SYSTEM
    )
    assert (account.base_url, account.training) == ("http://localhost:8", True)
