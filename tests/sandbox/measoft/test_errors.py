"""The door, and the five shapes of an error (contract 1.7)."""

from __future__ import annotations

import pytest
import requests

from sandbox.server import RunningSandbox
from tests.sandbox.measoft.conftest import Shop, error

WORDS = "authorization error"


@pytest.mark.parametrize(
    ("login", "password", "extra"),
    [("shop", "x", "8"), ("sandbox", "", "8"), ("sandbox", "wrong-1", "8"), ("sandbox", "x", ""), ("", "", "8")],
)
def test_wrong_credentials(box: RunningSandbox, login: str, password: str, extra: str) -> None:
    shop = Shop(box, login, password=password, extra=extra)
    assert error(shop.call("statusreq")) == ("request/error", "1", WORDS)
    box.measoft.tune(auth_code=25, auth_shape="root")
    assert error(shop.call("statusreq")) == ("statusreq", "25", WORDS)


def test_no_credentials_at_all(ms: Shop) -> None:
    ms.auth = ""
    assert error(ms.call("statusreq")) == ("request/error", "1", WORDS)


def test_one_carrier_alone(box: RunningSandbox) -> None:
    box.measoft.tune(extra="8")
    assert error(Shop(box, extra="9").call("statusreq")) == ("request/error", "1", WORDS)
    assert Shop(box, extra="8").orders() == []


@pytest.mark.parametrize(
    "body",
    [
        b"<statusreq>", b"<statusreq><auth login='&'/></statusreq>", b"plain text", "<statusreq>Иванов</statusreq>".encode("cp1251"),
        b'<!DOCTYPE x [<!ENTITY a "b">]><statusreq>&a;</statusreq>', b'<?xml version="1.0" encoding="UTF-99"?><statusreq/>',
    ],
)  # fmt: skip
def test_broken_documents(box: RunningSandbox, ms: Shop, body: bytes) -> None:
    """Shape 3: a text alone; or `error="1"` of table B, which is not about credentials."""
    answer = ms.post(body)
    assert answer.status_code == 200
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<request><error>XML syntax error: ')
    box.measoft.tune(xml_shape="root")
    assert ms.post(body).text.endswith('<request error="1" errormsg="bad xml" errormsgru="Ошибка в XML" />')


def test_empty_and_unknown(ms: Shop) -> None:
    assert 'error="2" errormsg="empty request"' in ms.post(b"").text
    assert error(ms.call("teleport")) == ("teleport", "14", "unknown function")


def test_nothing_found_is_no_error(ms: Shop) -> None:
    root = ms.call("statusreq", "<orderno>5</orderno>")
    assert (root.tag, root.attrib, len(root)) == ("statusreq", {"count": "0"}, 0)


@pytest.mark.parametrize(
    ("kind", "where", "code", "words"),
    [
        ("error_root", "statusreq", "13", "mysql error"),
        ("error_child", "request/error", "13", "mysql error"),
        ("error_text", "request/error", None, "XML syntax error"),
        ("error_item", "statusreq/order", "13", "mysql error"),
    ],
)
def test_shapes_on_demand(box: RunningSandbox, ms: Shop, kind: str, where: str, code: str | None, words: str) -> None:
    (number,) = box.measoft.make()
    box.fault(kind, "/statusreq")
    assert error(ms.call("statusreq")) == (where, code, words)
    assert ms.numbers() == [number]


def test_the_fifth_shape_and_other_numbers_on_demand(box: RunningSandbox, ms: Shop) -> None:
    box.measoft.make()
    box.fault("error_empty", "/statusreq")
    assert ms.call("statusreq").attrib == {"count": "0"}
    box.measoft.tune(fault_code=33)
    box.fault("error_root", "/commitlaststatus")
    assert error(ms.call("commitlaststatus")) == ("commitlaststatus", "33", "connection error")
    box.fault("error_item", "/neworder")
    assert error(ms.call("neworder"))[0] == "neworder/createorder"


def test_an_error_on_demand_commits_nothing(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    ms.news()
    box.fault("error_root", "/commitlaststatus")
    ms.commit()
    assert ms.news() == [(number, "NEW")]


def test_only_one_address(box: RunningSandbox) -> None:
    for method, path in (("GET", "/measoft/api/"), ("POST", "/measoft/api/more"), ("PUT", "/measoft/api/")):
        assert requests.request(method, box.url + path, timeout=10).status_code == 404
    assert box.measoft.url == f"{box.url}/measoft/api/"
    assert requests.post(f"{box.url}/measoft/api", data="<x/>", timeout=10).status_code == 200


def test_the_ledger_knows_the_method_and_no_password(box: RunningSandbox, ms: Shop) -> None:
    ms.orders()
    Shop(box, "somebody", password="planted-secret").call("statusreq")
    good, bad = box.calls("/statusreq", upstream="measoft")
    assert (good["path"], good["seller"], bad["seller"]) == ("/statusreq", "sandbox", "")
    assert 'login="sandbox" pass="***"' in good["request"]
    assert "secret" not in str((good, bad))
