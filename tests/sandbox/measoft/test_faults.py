"""Faults on demand at the MeaSoft stand-in, and its limits: what no reader of XML should be harmed by."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
import requests

from sandbox.faults import KINDS
from sandbox.parcels import limits
from sandbox.server import RunningSandbox
from tests.sandbox.measoft.conftest import Shop, history


def body(ms: Shop, number: str) -> bytes:
    answer = ms.post(f"<statusreq>{ms.auth}<orderno>{number}</orderno></statusreq>")
    assert answer.status_code == 200
    return answer.content


@pytest.mark.parametrize("kind", ["401", "403", "404", "429", "500", "502", "503"])
def test_failures_are_pages_and_do_nothing(box: RunningSandbox, ms: Shop, kind: str) -> None:
    (number,) = box.measoft.make()
    ms.news()
    box.fault(kind, "/commitlaststatus")
    answer = ms.post(f"<commitlaststatus>{ms.auth}<streamid>101</streamid></commitlaststatus>")
    assert (answer.status_code, answer.headers["Content-Type"]) == (int(kind), "text/html; charset=utf-8")
    assert ms.news() == [(number, "NEW")]


@pytest.mark.parametrize("kind", ["malformed", "half", "wrong_encoding", "entity"])
def test_no_document(box: RunningSandbox, ms: Shop, kind: str) -> None:
    (number,) = box.measoft.make()
    box.fault(kind, "/statusreq")
    with pytest.raises(ET.ParseError):
        ET.fromstring(body(ms, number))
    assert history(ms.one(number)) == ["NEW"]


def test_an_empty_answer_can_be_broken_too(box: RunningSandbox, ms: Shop) -> None:
    for kind in ("malformed", "half", "entity"):
        box.fault(kind, "/statusreq")
        with pytest.raises(ET.ParseError):
            ET.fromstring(body(ms, "5"))
    box.fault("bomb", "/statusreq")
    assert body(ms, "5").endswith(b'<statusreq count="0"><note>&a9;</note></statusreq>')


def test_bomb_and_entity(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    box.fault("bomb", "/statusreq")
    text = body(ms, number).decode()
    assert '<!ENTITY a9 "&a8;&a8;&a8;&a8;&a8;&a8;&a8;&a8;&a8;&a8;">' in text
    assert '<statusreq count="1"><note>&a9;</note><order ' in text
    box.fault("entity", "/statusreq")
    assert '<!DOCTYPE statusreq [<!ENTITY file SYSTEM "file:///etc/hostname">]>' in body(ms, number).decode()


def test_wrong_encoding_declares_another(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make(fields={"receiver": "Иванов"})
    box.fault("wrong_encoding", "/statusreq")
    answer = body(ms, number)
    assert b'encoding="UTF-8"' in answer
    assert "<company>Иванов</company>".encode("cp1251") in answer


def test_a_megabyte_in_one_attribute(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    box.fault("megabyte", "/statusreq")
    assert len(ET.fromstring(body(ms, number)).attrib["note"]) == 1024 * 1024


def test_words_that_are_wrong(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    box.fault("bad_dates", "/statusreq")
    status = ms.one(number).find("status")
    assert status is not None
    assert (status.get("eventtime"), status.get("createtimegmt")) == ("вчера", "вчера")
    box.fault("other_number", "/statusreq")
    assert ms.numbers(orderno=number) == [f"{number}9"]
    box.fault("unknown_status", "/statusreq")
    order = ms.one(number)
    assert (order.findtext("status"), history(order)) == ("TELEPORTED", ["TELEPORTED"])
    box.fault("unknown_field", "/statusreq")
    assert ms.one(number).find("surprise") is not None
    box.fault("unknown_error", "/teleport")
    assert ms.call("teleport").get("error") == "999"


def test_lost_answers_and_halves(box: RunningSandbox, ms: Shop) -> None:
    box.measoft.make()
    ms.news()
    box.fault("lost_answer", "/commitlaststatus")
    with pytest.raises(requests.ConnectionError):
        ms.commit()
    assert ms.news() == []
    box.fault("truncated", "/statusreq")
    with pytest.raises(requests.RequestException):
        ms.orders()


def test_a_huge_answer_begins_like_a_document(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    box.fault("huge", "/statusreq", megabytes=1)
    answer = body(ms, number)
    assert answer.startswith(b"<?xml ")
    assert len(answer) > 1024 * 1024


def test_a_fault_of_one_login(box: RunningSandbox, ms: Shop) -> None:
    box.fault("500", seller="sandbox-b", times=None)
    assert ms.orders() == []
    assert Shop(box, "sandbox-b").post(f"<statusreq>{Shop(box, 'sandbox-b').auth}</statusreq>").status_code == 500


def test_json_kinds_pass(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    for kind in ("list_instead", "null_lists", "wrong_types", "unknown_substatus"):
        box.fault(kind, "/statusreq")
        assert history(ms.one(number)) == ["NEW"]
    assert {"malformed", "bomb", "error_root"} <= set(KINDS)


class Watch:
    """A clock that stands until it is told to go."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_limits(box: RunningSandbox, ms: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers are not documented: 120 a minute and 3600 an hour are the sandbox's own."""
    watch = Watch()
    monkeypatch.setattr(limits, "time", watch)
    assert box.measoft.upstream.limits.state()["groups"] == {"minute": {"amount": 120}, "hour": {"amount": 3600}}
    box.measoft.limit(minute=2)
    asked = f"<statusreq>{ms.auth}</statusreq>"
    assert [ms.post(asked).status_code for _ in range(3)] == [200, 200, 429]
    assert Shop(box, "sandbox-b").orders() == []
    watch.now += 60
    assert ms.post(asked).status_code == 200
    box.measoft.limit(enabled=False)
    assert [ms.post(asked).status_code for _ in range(3)] == [200] * 3
