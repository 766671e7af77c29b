"""`{"metadata", "errors": […]}` (contract 2.4). 130002, 281016 and 281017 are Dellin's numbers; the others the sandbox's own."""

from __future__ import annotations

from typing import Any, Final

from sandbox.wire import Refusal, Reply

NOT_FOUND: Final = 130002
REQUIRED, NOT_ALLOWED, KEY, SESSION, LIMIT, NO_METHOD, BROKEN = 281016, 281017, 110001, 110002, 110003, 110004, 110005
TITLES: Final = {
    NOT_FOUND: "Заказ не найден",
    REQUIRED: "Не передан обязательный параметр",
    NOT_ALLOWED: "Недопустимое значение параметра",
    KEY: "Неверный ключ приложения",
    SESSION: "Неверный идентификатор сессии",
    LIMIT: "Превышено допустимое количество запросов",
    NO_METHOD: "Метод не найден",
    BROKEN: "Некорректный запрос",
}
LINK: Final = "https://dev.dellin.ru/api/errors/#error_"


def error(status: int, code: int, detail: str, fields: tuple[str, ...] = (), **more: Any) -> Refusal:
    """`more`: `validValues`, `badValues`. The time is written when the answer leaves (`upstream`)."""
    one = {
        "code": code,
        "title": TITLES[code],
        "detail": detail,
        "link": f"{LINK}{code}",
        "fields": list(fields),
        **more,
    }
    return Refusal(Reply(status, {"metadata": {"status": status, "detail": detail}, "errors": [one]}))


def bad(detail: str, *fields: str, **more: Any) -> Refusal:
    return error(400, NOT_ALLOWED, detail, fields, **more)
