"""Keys, rights, shops (contract 2.1, 2.7; checklist 1)."""

from __future__ import annotations

import pytest
import requests

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market.conftest import CAMPAIGN, Shop, effects, message


@pytest.mark.parametrize("key", ["", "ACMA:x:y", "sandboxed", "Bearer sandbox"])
def test_bad_key(box: RunningSandbox, key: str) -> None:
    for path in ("/v2/campaigns", f"/v2/campaigns/{CAMPAIGN}/orders", "/v9/nothing"):
        answer = Shop(box, key).call("GET", path)
        assert answer.json() == {
            "status": "ERROR",
            "errors": [{"code": "UNAUTHORIZED", "message": "Api-Key token is invalid"}],
        }
        assert answer.status_code == 401
    bearer = requests.get(f"{box.yandex_market_url}/v2/campaigns", headers={"Authorization": "sandbox"}, timeout=10)
    assert bearer.status_code == 401


def test_key_and_shops(box: RunningSandbox, ym: Shop) -> None:
    assert ym.call("POST", "/v2/auth/token").json() == {
        "status": "OK",
        "result": {"apiKey": {"name": "sandbox", "authScopes": ["ALL_METHODS", "INVENTORY_AND_ORDER_PROCESSING"]}},
    }
    body = ym.call("GET", "/v2/campaigns").json()
    (shop,) = body["campaigns"]
    assert (shop["id"], shop["business"]["id"], shop["placementType"]) == (7100001, 7000001, "DBS")
    assert shop["apiAvailability"] == "AVAILABLE"
    box.ym.tune(shops=3)
    assert [one["id"] for one in ym.call("GET", "/v2/campaigns").json()["campaigns"]] == [7100001, 7100002, 7100003]


def test_read_only_key(box: RunningSandbox) -> None:
    reader = Shop(box, "readonly-1")
    scopes = reader.call("POST", "/v2/auth/token").json()["result"]["apiKey"]["authScopes"]
    assert scopes == ["ALL_METHODS_READ_ONLY", "INVENTORY_AND_ORDER_PROCESSING_READ_ONLY"]
    (number,) = box.ym.make("readonly-1")
    assert (reader.business_ids(), reader.legacy_ids()) == ([number], [number])
    assert reader.of("GET", number, "/buyer").status_code == 200
    for method, what in (
        ("PUT", "/status"), ("PUT", "/identifiers"), ("POST", "/delivery/track"), ("PUT", "/cancellation/accept"),
        ("GET", "/delivery/labels"),
    ):  # fmt: skip
        message(reader.of(method, number, what, {}), 403)
    assert effects(box, number) == []


def test_inactive_shop(box: RunningSandbox) -> None:
    shop = Shop(box, "inactive-1")
    assert message(shop.legacy(), 403) == "API for campaign 7100001 disabled due to inactivity."
    assert shop.business().status_code == 403
    (one,) = shop.call("GET", "/v2/campaigns").json()["campaigns"]
    assert one["apiAvailability"] == "DISABLED_BY_INACTIVITY"


def test_cabinet_on_the_move(box: RunningSandbox) -> None:
    shop = Shop(box, "migrating-1")
    assert message(shop.business(), 423) == "Business is in migration"
    assert message(shop.legacy(), 423) == "Campaign is in business migration"
    assert shop.call("POST", "/v2/auth/token").status_code == 200


def test_foreign_shops(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    for method, path in (
        ("GET", "/v2/campaigns/123/orders"),
        ("PUT", f"/v2/campaigns/7100002/orders/{number}/status"),
        ("POST", "/v1/businesses/123/orders"),
    ):
        message(ym.call(method, path, {"order": {"status": "DELIVERY"}} if method == "PUT" else None), 403)
    assert box.ym.place(number) == "PROCESSING/STARTED"


def test_sellers_do_not_see_each_other(box: RunningSandbox, ym: Shop) -> None:
    (mine,) = box.ym.make()
    other = Shop(box, "sandbox-other")
    assert (other.business_ids(), other.legacy_ids()) == ([], [])
    assert message(other.move(mine, "DELIVERY"), 404) == f"Order not found: '{mine}'"
    assert effects(box, mine) == []


def test_header_of_another_cabinet(ym: Shop) -> None:
    answer = ym.call("POST", "/v1/businesses/7000001/orders", {}, headers={"X-Business-Id": "5"})
    assert message(answer) == "URL businessId ('7000001') does not match businessId in X-Business-Id header ('5')"


def test_unknown_path_and_method(ym: Shop) -> None:
    message(ym.call("GET", "/v2/nothing"), 404)
    message(ym.call("GET", ""), 404)
    message(ym.call("POST", "/v2/campaigns", {}), 405)
    message(ym.of("POST", 5, "/status", {}), 405)


def test_the_key_is_the_seller_in_the_ledger(box: RunningSandbox) -> None:
    Shop(box, "sandbox-b").call("GET", "/v2/campaigns")
    Shop(box, "planted-secret-key").call("GET", "/v2/campaigns")
    good, bad = box.calls(upstream="yandex_market")
    assert (good["seller"], good["status"], bad["seller"], bad["status"]) == ("sandbox-b", 200, "", 401)
    assert "planted-secret-key" not in str(bad)
