"""Codes we print ourselves: on sheets and labels of tasks, on command sheets, on badges. Pure: text in, text out.

Their letters lie on the same keys of every layout that scanners meet, so that a wrong layout is turned back like that of
any other scan: ``BO-T-123`` opens task 123, ``BO-W-7`` wave 7, ``BO-C-NEXT`` is a command, ``BO-U-5-2-K7QX2M`` a badge.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from backoffice.secrets import signatures

_SIGN = re.compile(
    r"BO-(?:(?P<what>[TW])-(?P<pk>[0-9]{1,18})|C-(?P<command>[A-Z]{2,10})|U-(?P<badge>[0-9]{1,9}-[0-9]{1,6}-[A-Z2-7]{6}))"
)
_MAC_LETTERS = 6


class Command(StrEnum):
    """What a command barcode asks for."""

    NEXT = "NEXT"
    START = "START"
    UNDO = "UNDO"
    READY = "READY"
    PRINT = "PRINT"


@dataclass(frozen=True, slots=True)
class Sign:
    """A code of ours, read. One of them is set; ``user_id`` and ``serial`` together, for a badge that was not made up."""

    task_id: int | None = None
    wave_id: int | None = None
    command: Command | None = None
    user_id: int | None = None
    serial: int = 0


def of_task(task_id: int) -> str:
    return f"BO-T-{task_id}"


def of_wave(wave_id: int) -> str:
    return f"BO-W-{wave_id}"


def of_command(command: Command) -> str:
    return f"BO-C-{command.value}"


def of_badge(user_id: int, serial: int) -> str:
    """Signed, so that nobody prints himself another person's badge."""
    return f"BO-U-{user_id}-{serial}-{_macs(user_id, serial)[0]}"


def parse(text: str) -> Sign | None:
    """None for what is not ours, or is a badge with a wrong signature or a command nobody knows."""
    found = _SIGN.fullmatch(text.strip().upper())
    if found is None:
        return None
    if found["what"]:
        pk = int(found["pk"])
        return Sign(task_id=pk) if found["what"] == "T" else Sign(wave_id=pk)
    if found["command"]:
        return Sign(command=Command(found["command"])) if found["command"] in Command.__members__ else None
    user_id, serial, mac = found["badge"].split("-")
    if not any(hmac.compare_digest(mac, good) for good in _macs(int(user_id), int(serial))):
        return None
    return Sign(user_id=int(user_id), serial=int(serial))


def _macs(user_id: int, serial: int) -> list[str]:
    """One a key: a badge that was printed before a key was changed stays one as long as the key is there."""
    signed = signatures("badge", f"{user_id}:{serial}")
    return [base64.b32encode(digest).decode()[:_MAC_LETTERS] for digest in signed]
