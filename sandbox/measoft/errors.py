"""The five shapes of an error and the words of table B (contract 1.7)."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from sandbox.wire import Refusal, Reply

XML: Final = "text/xml"
# Table B; of table A what is of methods served here: 3, 4, 17 neworder, 52 cancelorder. 53 is the sandbox's own.
WORDS: Final[dict[int, tuple[str, str]]] = {
    0: ("OK", "Успешно"),
    1: ("bad xml", "Ошибка в XML"),
    2: ("empty request", "Пустой запрос"),
    3: ("wrong order amount", "Неверная сумма заказа"),
    4: ("wrong weight", "Неверный вес"),
    11: ("wrong declared value", "Неверная объявленная ценность"),
    13: ("mysql error", "Ошибка базы данных"),
    14: ("unknown function", "Неизвестная функция"),
    17: ("order number exists", "Заказ с таким номером уже существует"),
    24: ("no login", "Не указан логин"),
    25: ("authorization error", "Ошибка авторизации"),
    33: ("connection error", "Ошибка соединения"),
    34: ("bad number", "Неверный номер"),
    52: ("order not found", "Заказ не найден"),
    53: ("order status has been changed", "Статус заказа уже изменён"),
}
AUTH_WORDS: Final = ("authorization error", "Ошибка авторизации")
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def document(root: ET.Element) -> Reply:
    """HTTP 200 always: what went wrong is said inside."""
    return Reply(200, text=DECLARATION + ET.tostring(root, encoding="unicode"), mimetype=XML)


def attributes(code: int, words: tuple[str, str] | None = None) -> dict[str, str]:
    """`error`, `errormsg`, `errormsgru`"""
    english, russian = words or WORDS.get(code, ("error", "Ошибка"))
    return {"error": str(code), "errormsg": english, "errormsgru": russian}


def root(method: str, code: int, words: tuple[str, str] | None = None) -> Reply:
    """Shape 1: attributes of the root, which is the method's name."""
    return document(ET.Element(method or "request", attributes(code, words)))


def child(code: int, words: tuple[str, str] | None = None) -> Reply:
    """Shape 2: `<request><error error="1" …/></request>`"""
    found = ET.Element("request")
    ET.SubElement(found, "error", attributes(code, words))
    return document(found)


def text(words: str) -> Reply:
    """Shape 3: `<request><error>syntax error text</error></request>`"""
    found = ET.Element("request")
    ET.SubElement(found, "error").text = words
    return document(found)


def item(method: str, code: int) -> Reply:
    """Shape 4: an element of the answer has it; `createorder` in neworder, else the order."""
    found = ET.Element(method or "request")
    name = "createorder" if method == "neworder" else "order"
    ET.SubElement(found, name, {"orderno": "", **attributes(code)})
    return document(found)


def nothing(method: str) -> Reply:
    """Shape 5: nothing found, and no error at all."""
    return document(ET.Element(method or "request", {"count": "0"}))


def refuse(shape: str, method: str, code: int, words: tuple[str, str] | None = None) -> Refusal:
    return Refusal(child(code, words) if shape == "child" else root(method, code, words))
