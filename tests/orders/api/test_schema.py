"""The OpenAPI document is right: it can be made without a warning, and the answers keep to it."""

from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client as Browser
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from orders.enums import ActionKind, AttentionKind
from orders.models import MarketplaceAccount
from orders.services import attention
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask, made, pulled


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    text = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=text)
    found: dict[str, Any] = yaml.safe_load(text.getvalue())
    return found


def problems(document: dict[str, Any], method: str, path: str, status: int, body: Any) -> list[str]:
    """Where an answer differs from its description."""
    answer = document["paths"][path][method]["responses"][str(status)]
    schema = {**answer["content"]["application/json"]["schema"], "components": document["components"]}
    found = Draft202012Validator(_closed(schema)).iter_errors(body)
    return [f"{path} {'.'.join(map(str, error.path))}: {error.message[:200]}" for error in found]


def _closed(schema: Any) -> Any:
    """The same, with nothing allowed that is not described."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed["additionalProperties"] = False
    return closed


def test_the_version_and_the_addresses(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/v1/actions/",
        "/api/v1/actions/{id}/",
        "/api/v1/actions/{id}/receipt/",
        "/api/v1/attention/",
        "/api/v1/attention/{id}/resolve/",
        "/api/v1/orders/",
        "/api/v1/orders/{id}/",
        "/api/v1/orders/{id}/timeline/",
        "/api/v1/reactions/",
        "/api/v1/reactions/{id}/",
        "/api/v1/reactions/{id}/dismiss/",
        "/api/v1/reactions/{id}/stop/",
        "/api/v1/reactions/{id}/take/",
        "/api/v1/shipments/",
        "/api/v1/shipments/{id}/",
        "/api/v1/shipments/{id}/detach/",
        "/api/v1/tasks/",
        "/api/v1/tasks/{id}/",
        "/api/v1/tasks/{id}/actions/",
        "/api/v1/tasks/{id}/codes/",
        "/api/v1/tasks/{id}/codes/{code_pk}/",
    }


def test_answers_keep_to_the_document(
    document: dict[str, Any], shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient, ask: Ask
) -> None:
    made(upstream, count=2, requiredMeta=["uin"])
    first, second = pulled(shop)
    ask(first, ActionKind.CONFIRM)
    attention.open_one(attention.Question(AttentionKind.CORRECTION, "q", order_id=first.order_id))
    asked = api.get("/api/v1/attention/").json()["results"][0]["id"]
    done = api.get("/api/v1/actions/").json()["results"][0]["id"]

    calls = [
        ("post", "/api/v1/tasks/{id}/codes/", first.pk, {"value": "1234567890123456"}, 201),
        ("post", "/api/v1/tasks/{id}/codes/", first.pk, {"value": "?"}, 422),
        ("post", "/api/v1/tasks/{id}/codes/", second.pk, {"value": "1234567890123456"}, 409),
        ("post", "/api/v1/tasks/{id}/actions/", second.pk, {"kind": "confirm"}, 202),
        ("post", "/api/v1/tasks/{id}/actions/", second.pk, {"kind": "deliver"}, 409),
        ("post", "/api/v1/tasks/{id}/actions/", second.pk, {"kind": "receive"}, 422),
        ("post", "/api/v1/tasks/{id}/actions/", second.pk, {"kind": "fly"}, 400),
        ("get", "/api/v1/tasks/", 0, None, 200),
        ("get", "/api/v1/tasks/{id}/", first.pk, None, 200),
        ("get", "/api/v1/tasks/{id}/codes/", first.pk, None, 200),
        ("get", "/api/v1/orders/", 0, None, 200),
        ("get", "/api/v1/orders/{id}/", first.order_id, None, 200),
        ("get", "/api/v1/orders/{id}/", 99999, None, 404),
        ("get", "/api/v1/orders/{id}/timeline/", first.order_id, None, 200),
        ("get", "/api/v1/actions/", 0, None, 200),
        ("get", "/api/v1/actions/{id}/", done, None, 200),
        ("get", "/api/v1/attention/", 0, None, 200),
        ("post", "/api/v1/attention/{id}/resolve/", asked, {"note": "seen"}, 200),
    ]
    for method, path, pk, body, status in calls:
        send = getattr(api, method)
        address = path.replace("{id}", str(pk))
        answer = send(address) if body is None else send(address, body, format="json")
        assert answer.status_code == status, (method, path, answer.content)
        assert problems(document, method, path, status, answer.json()) == []


def test_a_wrong_answer_would_be_noticed(document: dict[str, Any]) -> None:
    wrong = {"next": None, "previous": None, "results": [{"id": "1"}]}

    assert problems(document, "get", "/api/v1/tasks/", 200, wrong) != []


def test_the_page_loads_only_what_its_policy_allows(client: Browser) -> None:
    page = client.get("/api/v1/docs/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert text.count("<script>") == 0
    assert "style-src 'self' 'unsafe-inline'" in page["Content-Security-Policy"]
    assert client.get("/api/v1/docs/?script=")["Content-Type"].startswith("application/javascript")
    assert client.get("/api/v1/schema/").status_code == 200
