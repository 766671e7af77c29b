"""The three shapes of refusal (contract 1.2, 1.3.1, 1.6)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from sandbox.wire import PROBLEM, Refusal, Reply

FAILED_META = (
    "Не удалось обновить метаданные сборочного задания. Убедитесь, что сборочное задание удовлетворяет всем "
    'необходимым требованиям (сборочное задание существует, находится в статусе "На сборке", сборочному заданию '
    "доступны метаданные см. описание метода **Получить метаданные сборочного задания**)"
)
MESSAGES: Final = {
    "IncorrectRequestBody": "Некорректное тело запроса",
    "IncorrectRequest": "Переданы некорректные данные",
    "IncorrectParameter": "Передан некорректный параметр",
    "StatusMismatch": "Несоответствие статусов, проверьте их правильность",
    "FailedToUpdateMeta": FAILED_META,
}
GATEWAY = "s2s-api-auth-catalog"


def request_id() -> str:
    """32 characters, two of them Cyrillic, as in the official examples: not a number in any base."""
    digits = secrets.token_hex(16)
    return f"{digits[:11]}с{digits[12:27]}у{digits[28:]}"


def legacy(status: int, code: str) -> Refusal:
    """`{code, message}`: one-order dialect, `/api/v3/…` reads, stickers, customs declaration."""
    return Refusal(Reply(status, {"code": code, "message": MESSAGES.get(code, "")}))


def batch(status: int, title: str) -> Refusal:
    """`{detail, origin, requestId, title}`: a whole batch call refused."""
    body = {"detail": {}, "origin": "dbs-public-api", "requestId": request_id(), "title": title}
    return Refusal(Reply(status, body))


def problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Refusal:
    """problem+json of the gateway: 401, 402, 429 and paths that do not exist."""
    body: dict[str, Any] = {
        "title": title,
        "detail": detail,
        "code": f"07e4668e-{secrets.token_hex(6)}-[UK-{secrets.token_urlsafe(9)}]",
        "requestId": secrets.token_hex(16),
        "origin": GATEWAY,
        "status": status,
        "statusText": HTTPStatus(status).phrase,
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return Refusal(Reply(status, body, headers or {}, PROBLEM))


def unauthorized(why: str) -> Refusal:
    return problem(401, "unauthorized", f"token problem; {why}")


def no_money() -> Refusal:
    body = {
        "title": "payment required",
        "detail": "wb solution for business has insufficient funds on its balance. please top up the balance "
        "in the company's personal account https://dev.wildberries.ru/company",
    }
    return Refusal(Reply(402, body, mimetype=PROBLEM))


def too_many(headers: dict[str, str]) -> Refusal:
    return problem(429, "too many requests", f"limited by {secrets.token_hex(16)}", headers)


def no_path(status: int) -> Refusal:
    return problem(status, "path not found", "Please consult the https://dev.wildberries.ru/openapi/api-information")


def refuse(shape: str, status: int, word: str) -> Refusal:
    """The same refusal in the words of the called method."""
    if shape == "problem":
        return problem(status, HTTPStatus(status).phrase.lower(), word)
    return batch(status, word) if shape == "batch" else legacy(status, word)
