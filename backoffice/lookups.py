"""Lookups of our own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler


@Field.register_lookup
class Among(In):
    """``number__among=[…]``: as ``in`` for plain values, but one parameter where the database has arrays.

    Of a foreign key: ``task__id__among``, which needs no join.
    A thousand placeholders take the driver longer than the database takes to find the rows.
    """

    lookup_name = "among"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        left, params = self.process_lhs(compiler, connection)
        if not self.rhs:
            raise EmptyResultSet
        return f"{left} = ANY(%s)", [*params, list(self.rhs)]
