"""Many rows in one statement: a placeholder for each value takes the driver longer than the database takes for the rows.

On PostgreSQL the rows travel as one JSON document; elsewhere the ORM writes them, with the same outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, LiteralString, TypeAlias

import msgspec
from django.db import connection, models
from django.utils.functional import Promise
from psycopg import sql

Model: TypeAlias = type[models.Model]
Fields: TypeAlias = Mapping[str, "models.Field[Any, Any]"]
Rows: TypeAlias = Sequence[Sequence[Any]]


def insert(model: Model, names: Sequence[str], rows: Rows) -> list[int]:
    """Store rows; returns their keys in the same order. ``names``: attributes (``order_id``), all but what the database fills."""
    if not rows:
        return []
    if connection.vendor != "postgresql":
        return [row.pk for row in _manager(model).bulk_create(_built(model, names, rows))]
    return [pk for (pk,) in _run(_insertion(model, tuple(names), keys=True), model, names, rows)]


def insert_new(model: Model, names: Sequence[str], rows: Rows) -> None:
    """The same, leaving out rows that a unique constraint knows already. Idempotent where one tells the rows apart."""
    if not rows:
        return
    if connection.vendor != "postgresql":
        _manager(model).bulk_create(_built(model, names, rows), ignore_conflicts=True)
    else:
        _run(_insertion(model, tuple(names), keys=False), model, names, rows)


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these attributes of stored rows, all of one model. Idempotent; locks and guards are the caller's.

    One statement; elsewhere than on PostgreSQL one for as many rows as it holds values.
    """
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        fields = _fields(model)
        _manager(model).bulk_update(rows, [fields[name].name for name in names])
        return
    every = (_key(model), *names)
    _run(_change(model, tuple(names)), model, every, [[getattr(row, name) for name in every] for row in rows])


def _built(model: Model, names: Sequence[str], rows: Rows) -> list[models.Model]:
    return [model(**dict(zip(names, row, strict=True))) for row in rows]


def _run(statement: str, model: Model, names: Sequence[str], rows: Rows) -> list[tuple[Any, ...]]:
    told = [dict(zip(names, row, strict=True)) for row in rows]
    for name in names:
        field = _fields(model)[name]
        if isinstance(field, models.BinaryField):
            _write_bytes(field, told)
    with connection.cursor() as cursor:
        cursor.execute(statement, [_ENCODER.encode(told).decode()])
        return cursor.fetchall() if cursor.description else []


def _write_bytes(field: models.BinaryField[Any, Any], told: Iterable[dict[str, Any]]) -> None:
    """As PostgreSQL reads them in a text; of an encrypted field they are what it makes of its value."""
    for row in told:
        value = field.get_prep_value(row[field.attname])
        row[field.attname] = None if value is None else "\\x" + bytes(value).hex()


def _text(value: object) -> str:
    """Kinds of text that are no plain text: marked as safe, or translated when it is read."""
    if isinstance(value, str):
        return value[:]
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written in bulk")


_ENCODER = msgspec.json.Encoder(enc_hook=_text)


# Statements, one a shape --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _insertion(model: Model, names: tuple[str, ...], *, keys: bool) -> str:
    return _composed(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {told} {end}",
        table=_table(model),
        columns=_columns(model, names),
        values=_values(names),
        told=_told(model, names),
        end=_composed("RETURNING {}", _columns(model, [_key(model)])) if keys else sql.SQL("ON CONFLICT DO NOTHING"),
    ).as_string()


@lru_cache(maxsize=64)
def _change(model: Model, names: tuple[str, ...]) -> str:
    key = _key(model)
    return _composed(
        "UPDATE {table} SET ({columns}) = ROW ({values}) FROM {told} WHERE {table}.{key} = {value}",
        table=_table(model),
        columns=_columns(model, names),
        values=_values(names),
        told=_told(model, (key, *names)),
        key=_columns(model, [key]),
        value=_values([key]),
    ).as_string()


def _told(model: Model, names: Sequence[str]) -> sql.Composable:
    """The rows of the document under their attributes, with the types of their columns."""
    types = [sql.SQL(_fields(model)[name].db_type(connection) or "") for name in names]
    typed = [_composed("{} {}", sql.Identifier(name), kind) for name, kind in zip(names, types, strict=True)]
    return _composed("json_to_recordset(%s::json) AS told({})", _listed(typed))


def _composed(pattern: LiteralString, *parts: sql.Composable, **named: sql.Composable) -> sql.Composed:
    return sql.SQL(pattern).format(*parts, **named)


def _values(names: Sequence[str]) -> sql.Composable:
    return _listed([sql.Identifier("told", name) for name in names])


def _columns(model: Model, names: Sequence[str]) -> sql.Composable:
    return _listed([sql.Identifier(str(_fields(model)[name].column)) for name in names])


def _listed(parts: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(parts)


def _table(model: Model) -> sql.Composable:
    return sql.Identifier(_meta(model).db_table)


@lru_cache(maxsize=64)
def _fields(model: Model) -> Fields:
    return {field.attname: field for field in _meta(model).local_concrete_fields}


def _key(model: Model) -> str:
    return str(_meta(model).pk.attname)


def _meta(model: Model) -> Any:
    return model._meta  # noqa: SLF001 - Django's documented way to a model's names


def _manager(model: Model) -> models.Manager[models.Model]:
    return model._base_manager  # noqa: SLF001 - Django's documented way to all rows
