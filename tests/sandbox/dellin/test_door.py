"""Keys, sessions, limits, faults (contract 2.4, 2.5, 2.7)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from sandbox.parcels import limits
from sandbox.server import RunningSandbox, start
from tests.sandbox.dellin.conftest import HISTORY, Sender, error
from tests.sandbox.measoft.test_faults import Watch


@pytest.mark.parametrize("appkey", ["somebody", "", None, 5, "11111111-0000-0000-0000-000000000000"])
def test_wrong_keys(box: RunningSandbox, dl: Sender, appkey: object) -> None:
    answer = dl.post(f"{HISTORY}.json", {"appkey": appkey, "docIds": ["1"]})
    assert error(answer, 401)[1:] == ("Ключ приложения не найден", ["appkey"])


@pytest.mark.parametrize("name", ["appkey", "appKey"])
@pytest.mark.parametrize("appkey", ["sandbox", "sandbox-2", "00000000-0000-0000-0000-000000000000"])
def test_good_keys(box: RunningSandbox, name: str, appkey: str) -> None:
    (number,) = box.dellin.make(appkey)
    data = json.dumps({name: appkey, "docIds": [number]}).encode()
    assert Sender(box).post(f"{HISTORY}.json", data=data).status_code == 200
    other = Sender(box, "sandbox-other").post(f"{HISTORY}.json", {"docIds": [number]})
    assert error(other)[0] == 130002


def test_broken_requests(box: RunningSandbox, dl: Sender) -> None:
    for data in (b"", b"{", b"[]", "{«»}".encode("cp1251")):
        assert error(dl.post(f"{HISTORY}.json", data=data))[1].startswith(("Некорректный запрос", "Ожидается объект"))
    assert dl.post(f"{HISTORY}.xml", data=b"<request>").status_code == 400
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><request><appkey>sandbox</appkey></request>'
    assert "document type declaration" in dl.post(f"{HISTORY}.xml", data=bomb).text
    assert error(dl.post("/v3/teleport.json"), 404)[1] == "POST /v3/teleport.json"
    assert requests.get(f"{box.dellin.url}{HISTORY}.json", timeout=10).status_code == 404


def test_sessions(box: RunningSandbox, dl: Sender) -> None:
    """Three ways in, two shapes of the answer (contract 2.5)."""
    assert set(dl.call("/v4/auth/login.json", pat="sandbox-7")["data"]) == {"sessionID"}
    session = dl.call("/v3/auth/login.json", login="sandbox", password="x")["data"]["sessionID"]
    old = dl.call("/v1/customers/login.json", login="sandbox", password="x")
    assert set(old) == {"sessionID"}
    info = dl.call("/v3/auth/session_info.json", sessionID=session)
    assert set(info["data"]["session"]) == {"expireTime", "expired"}
    assert info["data"]["session"]["expireTime"][:10] > info["metadata"]["generated_at"][:10]
    assert dl.call("/v3/auth/logout.json", sessionID=session)["data"] == {"state": "success"}
    assert error(dl.post("/v3/auth/session_info.json", {"sessionID": session}), 401)[2] == ["sessionID"]
    assert error(dl.post("/v3/auth/logout.json", {"sessionID": session}), 401)[2] == ["sessionID"]


def test_no_way_in(box: RunningSandbox, dl: Sender) -> None:
    for path, body in (
        ("/v4/auth/login.json", {"pat": "wrong"}),
        ("/v4/auth/login.json", {}),
        ("/v3/auth/login.json", {"login": "somebody", "password": "x"}),
        ("/v3/auth/login.json", {"login": "sandbox", "password": "wrong"}),
        ("/v1/customers/login.json", {"login": "sandbox"}),
    ):
        assert error(dl.post(path, body), 401)
    box.dellin.tune(password_login=False)
    assert error(dl.post("/v3/auth/login.json", {"login": "sandbox", "password": "x"}), 401)
    assert dl.session()


def test_sessions_end_and_belong_to_a_key(box: RunningSandbox, dl: Sender) -> None:
    session = dl.session()
    asked = {"sessionID": session}
    assert dl.post("/v3/orders.json", asked).status_code == 200
    assert error(Sender(box, "sandbox-2").post("/v3/orders.json", asked), 401)[2] == ["sessionID"]
    box.advance(86_401)
    assert error(dl.post("/v3/orders.json", asked), 401)[1] == "Сессия не найдена или истекла"
    box.dellin.tune(session_seconds=60)
    short = dl.session()
    box.advance(61)
    assert error(dl.post("/v3/orders.json", {"sessionID": short}), 401)


def test_limits_are_the_contracts(box: RunningSandbox, dl: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """45 a minute and 1600 an hour for a key, whatever the method; 429 beyond."""
    watch = Watch()
    monkeypatch.setattr(limits, "time", watch)
    (number,) = box.dellin.make()
    box.dellin.limit()
    asked = {"docIds": [number]}
    assert [dl.post(f"{HISTORY}.json", asked).status_code for _ in range(44)] == [200] * 44
    assert dl.session()
    assert error(dl.post(f"{HISTORY}.json", asked), 429)[1] == "Превышен лимит запросов"
    assert Sender(box, "sandbox-2").session()
    watch.now += 60
    assert dl.told(number) == ["processing"]
    box.dellin.limit(hour=2)
    assert [dl.post(f"{HISTORY}.json", asked).status_code for _ in range(3)] == [200, 200, 429]
    watch.now += 3600
    assert dl.told(number) == ["processing"]
    xml = dl.post(
        f"{HISTORY}.xml", data=f"<request><appkey>sandbox</appkey><docIds>{number}</docIds></request>".encode()
    )
    assert xml.status_code == 200
    assert box.dellin.upstream.limits.state()["groups"] == {"minute": {"amount": 45}, "hour": {"amount": 2}}


def test_1600_an_hour(box: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    monkeypatch.setattr(limits, "time", watch)
    found = limits.WindowLimits({"minute": 45, "hour": 1600}, enabled=True)
    taken = 0
    for _ in range(60):
        taken += sum(found.take("a") == "" for _ in range(50))
        watch.now += 60
    assert taken == 1600
    assert (found.take("a"), found.take("b")) == ("", "")


def test_failures(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make()
    for kind, words in (("401", "Неверный ключ приложения"), ("429", "Превышено допустимое количество запросов")):
        box.fault(kind, upstream="dellin")
        assert error(dl.post(f"{HISTORY}.json", {"docIds": [number]}), int(kind))[1] == words
    box.fault("500", upstream="dellin")
    assert error(dl.post(f"{HISTORY}.json", {"docIds": [number]}), 500)[1] == "Внутренняя ошибка"
    box.fault("503", "statuses_history")
    answer = dl.post(f"{HISTORY}.json", {"docIds": [number]})
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert dl.told(number) == ["processing"]


def test_answers_that_are_wrong(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(fields={"receiver": "Иванов"})
    for kind in ("malformed", "half", "wrong_encoding", "bomb"):
        box.fault(kind, HISTORY)
        with pytest.raises((ValueError, RecursionError)):
            json.loads(dl.post(f"{HISTORY}.json", {"docIds": [number]}).content)
    box.fault("other_number", HISTORY)
    assert dl.rows(number)[0]["number"] == f"{number}9"
    box.fault("bad_dates", HISTORY)
    assert dl.rows(number)[0]["stateDate"] == "вчера"
    box.fault("unknown_status", HISTORY)
    assert (dl.rows(number)[0]["state"], dl.call("/v3/orders.json", docIds=[number])["metadata"]["status"]) == (
        "teleported", 200,
    )  # fmt: skip
    box.fault("unknown_field", HISTORY)
    assert "surprise" in dl.rows(number)[0]
    box.fault("megabyte", HISTORY)
    assert len(dl.call(f"{HISTORY}.json", docIds=[number])["note"]) == 1024 * 1024
    box.fault("unknown_status", f"{HISTORY}.xml")
    asked = f"<request><appkey>sandbox</appkey><docIds>{number}</docIds></request>".encode()
    assert "<state>teleported<" in dl.post(f"{HISTORY}.xml", data=asked).text


def test_a_fault_of_one_key(box: RunningSandbox, dl: Sender) -> None:
    box.fault("500", seller="sandbox-b", times=None)
    assert dl.session()
    assert Sender(box, "sandbox-b").post("/v4/auth/login.json", {"pat": "sandbox"}).status_code == 500
    asked = b"<request><appkey>sandbox-b</appkey><docIds>1</docIds></request>"
    assert dl.post(f"{HISTORY}.xml", data=asked).status_code == 500


def test_the_ledger_keeps_no_keys(box: RunningSandbox, dl: Sender) -> None:
    Sender(box, "planted-secret").post(
        "/v3/auth/login.json", {"login": "sandbox", "password": "planted-secret", "pat": "planted-secret"}
    )
    dl.post(f"{HISTORY}.xml", data=b"<request><appkey>planted-secret</appkey></request>")
    first, second = box.calls(upstream="dellin")
    assert (first["seller"], first["status"], second["status"]) == ("", 401, 401)
    assert first["request"] == {"appkey": "***", "login": "sandbox", "password": "***", "pat": "***"}
    assert "planted-secret" not in str((first, second))


def test_cargo_outlives_the_process_and_sessions_do_not(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite3"
    with start(data=data) as box:
        session = Sender(box).session()
        (number,) = box.dellin.make(path="refused", until="arrived+return")
        box.dellin.tune(page_size=3)
        before = box.dellin.parcel(number)
    with start(data=data) as box:
        assert box.dellin.parcel(number) == before
        assert box.dellin.world.tuning.state()["page_size"] == 3
        assert error(Sender(box).post("/v3/orders.json", {"sessionID": session}), 401)
