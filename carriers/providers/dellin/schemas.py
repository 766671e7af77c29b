"""Shapes on the wire (seed 001, contract 2.1, 2.4, 2.6). Fields that are known and not used stand here too."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

#: Documented as one and sent as the other (``number``).
Value: TypeAlias = int | str | None


class MetadataWire(msgspec.Struct, frozen=True):
    """``status``: the status code that the answer means, whatever HTTP says. ``generated_at`` names no zone.

    ``total_pages`` of the journal is in no document we have; without it pages are turned until one is empty.
    """

    status: Value = None
    detail: Any = None
    generated_at: Value = None
    total_pages: Value = msgspec.field(default=None, name="totalPages")


class RowWire(msgspec.Struct, frozen=True, rename="camel"):
    number: Value = None
    state: Value = None
    state_name: Value = None
    state_date: Value = None
    detailed_status: Value = None
    detailed_status_rus: Value = None
    detailed_status_date: Value = None


class InfoWire(msgspec.Struct, frozen=True):
    number: Value = None
    message: Value = None


class HistoryWire(msgspec.Struct, frozen=True, rename="camel"):
    """``status_history``: number → rows; an empty one may be a list."""

    status_history: Any = None
    info: list[Any] | None = None


class AnswerWire(msgspec.Struct, frozen=True):
    """``errors`` is a list, in older methods an object by field or a text."""

    metadata: MetadataWire | None = None
    data: Any = None
    errors: Any = None
    orders: Any = None


class ErrorWire(msgspec.Struct, frozen=True, rename="camel"):
    code: Value = None
    title: Value = None
    detail: Value = None
    link: Any = None
    fields: Any = None
    valid_values: Any = None
    bad_values: Any = None


class JournalWire(msgspec.Struct, frozen=True, rename="camel"):
    """An order of the journal: the fields that are read, of many more. ``order_number`` is the shop's own.

    ``documents``: its papers, each with ``id`` and ``fullDocumentId``: waybills and requests.
    """

    order_id: Value = None
    order_number: Value = None
    state: Value = None
    return_state: Any = None
    return_reason: Value = None
    return_date: Value = None
    decline_reason: Value = None
    documents: Any = None


class SessionWire(msgspec.Struct, frozen=True):
    """In the present method inside ``data``, in the old one at the top."""

    session_id: Value = msgspec.field(default=None, name="sessionID")
