"""The other methods: neworder, cancelorder, tracking (contract 1.5, 1.6)."""

from __future__ import annotations

from sandbox.server import RunningSandbox
from tests.sandbox.measoft.conftest import Shop, effects

ORDER = (
    '<order orderno="{}"><barcode>B1</barcode><receiver><person>Иванов И.И.</person><phone>+74950000000</phone>'
    "<town>Москва</town><address>ул. Примерная, 1</address></receiver><weight>{}</weight><price>{}</price></order>"
)


def test_new_orders(box: RunningSandbox, ms: Shop) -> None:
    root = ms.call("neworder", ORDER.format("MW-1001", "1.5", "100") + ORDER.format("", "2", "0"))
    first, second = root
    assert first.attrib == {
        "orderno": "MW-1001", "error": "0", "errormsg": "OK", "errormsgru": "Успешно", "barcode": "B1", "orderprice": "250",
    }  # fmt: skip
    assert (first.tag, second.get("error"), second.attrib["orderno"][:3]) == ("createorder", "0", "MW-")
    order = ms.one("MW-1001")
    assert [order.findtext(name) for name in ("status", "weight", "price", "receiver/person")] == [
        "NEW", "1.5", "100.00", "Иванов И.И.",
    ]  # fmt: skip


def test_a_number_is_unique_within_the_year(box: RunningSandbox, ms: Shop) -> None:
    ms.call("neworder", ORDER.format("MW-1001", "1", "1"))
    (again,) = ms.call("neworder", ORDER.format("MW-1001", "1", "1"))
    assert (again.get("error"), again.get("errormsg")) == ("17", "order number exists")
    assert ms.numbers() == ["MW-1001"]
    box.advance(366 * 86_400)
    (next_year,) = ms.call("neworder", ORDER.format("MW-1001", "1", "1"))
    assert next_year.get("error") == "0"


def test_wrong_numbers_make_nothing(ms: Shop) -> None:
    (price,) = ms.call("neworder", ORDER.format("MW-1", "1", "cheap"))
    (weight,) = ms.call("neworder", ORDER.format("MW-1", "-1", "1"))
    assert (price.get("error"), weight.get("error")) == ("3", "4")
    assert ms.numbers() == []


def test_cancel(box: RunningSandbox, ms: Shop) -> None:
    fresh, moved, other = box.measoft.make(count=3)
    box.measoft.step(moved)
    code = box.measoft.parcel(other)["id"]
    inside = "".join(
        f'<order orderno="{number}" ordercode="{identity}"/>'
        for number, identity in ((fresh, ""), (moved, ""), ("", code), ("123aaa", ""), ("", ""))
    )
    root = ms.call("cancelorder", inside)
    assert [one.get("error") for one in root] == ["0", "53", "0", "52", "52"]
    assert root[3].attrib == {
        "orderno": "123aaa", "ordercode": "", "error": "52", "errormsg": "order not found", "errormsgru": "Заказ не найден",
    }  # fmt: skip
    status = ms.one(fresh).find("status")
    assert status is not None
    assert (status.text, status.get("title")) == ("CANCELED", "Отменено заказчиком")
    assert (effects(box, fresh), effects(box, moved)[1:]) == ([("status", "NEW", "CANCELED")], [])
    assert ms.one(moved).findtext("status") == "ACCEPTED"


def test_public_tracking_tells_the_last_of_all_customers(box: RunningSandbox, ms: Shop) -> None:
    box.measoft.make("sandbox-a", number="MW-1", path="happy", until="COMPLETE", fields={"receiver": "Тайный"})
    box.measoft.make("sandbox-b", number="MW-1", path="happy", until="DELIVERY", fields={"receiver": "Тайный"})
    ms.auth = ""
    root = ms.call("tracking", "<extra>290</extra><orderno>MW-1</orderno>")
    (order,) = root
    assert (root.tag, order.findtext("status")) == ("tracking", "DELIVERY")
    assert [child.tag for child in order.iterfind("receiver/*")] == ["zipcode", "town", "date", "time_min", "time_max"]
    box.measoft.step("MW-1", 2)
    root = ms.call("tracking", "<extra>290</extra><orderno>MW-1</orderno>")
    assert "Тайный" not in "".join(root.itertext())
    assert ms.call("tracking", "<orderno>5</orderno>").attrib == {"count": "0"}
