"""Sessions (contract 2.5): by password in the older methods, by a personal access token in the newest."""

from __future__ import annotations

from typing import Any, Final

from sandbox.dellin import errors
from sandbox.dellin.days import moscow
from sandbox.dellin.world import DellinWorld
from sandbox.wire import Call

BAD: Final = "wrong"


def password(world: DellinWorld, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """`/v3/auth/login.json`: `{"data": {"sessionID"}}`"""
    return {"data": {"sessionID": _by_password(world, call, asked)}}


def old_password(world: DellinWorld, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """`/v1/customers/login.json`: `{"sessionID"}` at the top."""
    return {"sessionID": _by_password(world, call, asked)}


def _by_password(world: DellinWorld, call: Call, asked: dict[str, Any]) -> str:
    word = asked.get("password")
    good = is_good(asked.get("login")) and isinstance(word, str) and word != "" and not word.startswith(BAD)
    if not good or not world.tuning.password_login:
        raise errors.error(401, errors.SESSION, "Неверный логин или пароль", ("login", "password"))
    return world.log_in(call.seller)


def token(world: DellinWorld, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """`/v4/auth/login.json`: `{"appkey", "pat"}`"""
    if not is_good(asked.get("pat")):
        raise errors.error(401, errors.SESSION, "Неверный персональный токен", ("pat",))
    return {"data": {"sessionID": world.log_in(call.seller)}}


def info(world: DellinWorld, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """How long a session is still good: `expireTime` and `generated_at` are the same clock's."""
    until = world.session(call.seller, asked.get("sessionID"))
    if until is None:
        raise errors.error(401, errors.SESSION, "Сессия не найдена или истекла", ("sessionID",))
    return {"data": {"session": {"expireTime": moscow(until), "expired": False}}}


def logout(world: DellinWorld, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    info(world, call, asked)
    del world.sessions[asked["sessionID"]]
    return {"data": {"state": "success"}}


def is_good(word: object) -> bool:
    """`sandbox`, `sandbox-…`: a login, or a personal access token."""
    return isinstance(word, str) and (word == "sandbox" or word.startswith("sandbox-"))
