"""Whether the key may work for the shop, and whether the shop is one we can work for (contract 2.1)."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.errors import CredentialsError, Refused, UpstreamError

from .support import CAMPAIGN, bench

SCOPES = ["INVENTORY_AND_ORDER_PROCESSING", "PRICING"]


def token(*scopes: str) -> tuple[int, Any]:
    return 200, {"status": "OK", "result": {"apiKey": {"name": "Склад", "authScopes": list(scopes)}}}


def shop(**fields: Any) -> dict[str, Any]:
    return {
        "id": int(CAMPAIGN),
        "domain": "Магазин",
        "business": {"id": 7000001, "name": "Кабинет"},
        "placementType": "DBS",
        "apiAvailability": "AVAILABLE",
    } | fields


def shops(*found: Any, following: str = "") -> tuple[int, Any]:
    return 200, {"campaigns": list(found), "paging": {"nextPageToken": following} if following else {}}


@pytest.mark.parametrize("dialect", ["business", "v2"])
def test_check(dialect: str) -> None:
    this = bench(token(*SCOPES), shops(shop(id=1), shop()), dialect=dialect)

    this.provider.check()

    assert [(sent.method, sent.path, sent.params, sent.body, sent.write) for sent in this.sent] == [
        ("POST", "/v2/auth/token", None, None, False),
        ("GET", "/v2/campaigns", {"limit": 100}, None, False),
    ]
    assert this.notes.drift == []


def test_our_shop_on_the_second_page() -> None:
    this = bench(token("all-methods"), shops(shop(id=1), following="t2"), shops(shop()))

    this.provider.check()

    assert [sent.params for sent in this.sent[1:]] == [{"limit": 100}, {"limit": 100, "pageToken": "t2"}]


@pytest.mark.parametrize(
    ("answers", "kind", "code", "words"),
    [
        ([token()], CredentialsError, "missing_scope", "all-methods, inventory-and-order-processing"),
        (
            [token("ALL_METHODS_READ_ONLY", "INVENTORY_AND_ORDER_PROCESSING_READ_ONLY")],
            CredentialsError,
            "missing_scope",
            "all-methods-read-only",
        ),
        ([token("all-methods:read-only")], CredentialsError, "missing_scope", "all-methods-read-only"),
        ([token(*SCOPES), shops()], CredentialsError, "foreign_campaign", CAMPAIGN),
        ([token(*SCOPES), shops(shop(id=1))], CredentialsError, "foreign_campaign", CAMPAIGN),
        ([token(*SCOPES), shops(shop(business={"id": 8}))], CredentialsError, "foreign_business", "7000001"),
        ([token(*SCOPES), shops(shop(placementType="FBS"))], Refused, "model", "FBS"),
        (
            [token(*SCOPES), shops(shop(apiAvailability="DISABLED_BY_INACTIVITY"))],
            CredentialsError,
            "api_unavailable",
            "DISABLED_BY_INACTIVITY",
        ),
    ],
)
def test_check_says_what_is_wrong(answers: list[Any], kind: type[UpstreamError], code: str, words: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        bench(*answers).provider.check()

    assert (type(caught.value), caught.value.code) == (kind, code)
    assert words in caught.value.detail


def test_pages_of_shops_that_never_end() -> None:
    same = bench(token(*SCOPES), *[shops(shop(id=1), following="t")] * 5)
    many = bench(token(*SCOPES), *[shops(shop(id=1), following=f"t{number}") for number in range(30)])

    for this, calls in ((same, 3), (many, 21)):
        with pytest.raises(CredentialsError, match="foreign_campaign"):
            this.provider.check()
        assert len(this.sent) == calls


def test_a_key_whose_scopes_nobody_wants_to_know() -> None:
    this = bench(shops(shop()), require_scopes=[])

    this.provider.check()

    assert [sent.path for sent in this.sent] == ["/v2/campaigns"]


def test_another_scope_as_the_account_wants_it() -> None:
    bench(token("SETTINGS_MANAGEMENT"), shops(shop()), require_scopes="settings-management").provider.check()
