"""`connect yandex_market`: the key from the environment, the shop and its cabinet as options, tried before it is stored."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from orders.models import MarketplaceAccount
from sandbox.server import RunningSandbox

KEY = "sandbox-connect"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def run(sandbox: RunningSandbox, **options: object) -> str:
    out = io.StringIO()
    own = {"campaign_id": sandbox.ym.campaign, "business_id": sandbox.ym.business} | options
    pairs = [f"{name}={value}" for name, value in own.items() if value is not None]
    arguments = [part for pair in pairs for part in ("--option", pair)]
    call_command(
        "connect", "yandex_market", "--title", "Shop", "--base-url", sandbox.yandex_market_url, *arguments, stdout=out
    )
    return out.getvalue()


def refused(sandbox: RunningSandbox, **options: object) -> str:
    """The one line of a refusal that created nothing."""
    with pytest.raises(CommandError) as refusal:
        run(sandbox, **options)
    assert MarketplaceAccount.objects.count() == 0
    return str(refusal.value)


@pytest.mark.parametrize("dialect", ["business", "v2"])
def test_an_account_is_tried_then_created(
    db: None, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    monkeypatch.setenv("CONNECT_API_KEY", KEY)

    printed = run(sandbox, dialect=dialect, test_orders="no")

    account = MarketplaceAccount.objects.get()
    assert printed == f"{account.pk}\n"
    assert (account.kind, account.dialect, account.base_url) == ("yandex_market", dialect, sandbox.yandex_market_url)
    assert account.options == {"campaign_id": "7100001", "business_id": "7000001", "test_orders": "no"}
    assert account.credentials == {"api_key": KEY}
    assert [call["path"] for call in sandbox.calls()] == ["/v2/auth/token", "/v2/campaigns"]


def test_the_key_is_not_an_argument(db: None, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONNECT_API_KEY", raising=False)

    assert "CONNECT_API_KEY" in refused(sandbox)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"campaign_id": None}, "campaign_id"),
        ({"campaign_id": "shop"}, "campaign_id"),
        ({"business_id": None}, "business_id"),
        ({"dialect": "v7"}, "v7"),
        ({"campaign_id": "5"}, "foreign_campaign"),
        ({"business_id": "5"}, "foreign_business"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_created(
    db: None, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], word: str
) -> None:
    monkeypatch.setenv("CONNECT_API_KEY", KEY)

    assert word in refused(sandbox, **options)


def test_a_key_for_reading_is_not_enough(db: None, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECT_API_KEY", f"readonly-{KEY}")

    text = refused(sandbox)

    assert "missing_scope" in text
    assert KEY not in text
