"""Queries whose SQL is put together once: for a small one that takes Django several times as long as its answer."""

from collections.abc import Callable
from copy import copy
from functools import cache, wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, QuerySet


class _Slot(Expression):
    """The place of a value that comes with each question."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def as_sql(self, compiler, connection) -> tuple[str, list]:
        return "%s", [self]


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """Make of BUILD, which returns a queryset, a function that returns the rows that the queryset would.

    Arguments by position shape the query, and it is put together once for each combination of them (so they are few,
    and hashable). Arguments by keyword are values: BUILD may only pass them on, as the right-hand side of a condition,
    and gets placeholders for them.
    """

    @cache
    def ready(shape: tuple, names: tuple[str, ...]) -> tuple | None:
        queryset = build(*shape, **{name: _Slot(name) for name in names})
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:  # nothing can fit, whatever the values are
            return None
        converters = compiler.get_converters([column for column, *_how in compiler.select[: compiler.col_count]])
        compiler.get_converters = lambda _columns: converters
        return queryset, compiler, sql, params

    @wraps(build)
    def rows(*shape: Any, **values: Any) -> list:
        if (made := ready(shape, tuple(values))) is None:
            return []
        queryset, compiler, sql, params = made
        filled = [values[param.name] if isinstance(param, _Slot) else param for param in params]
        compiler = copy(compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # that of this thread
        compiler.as_sql = lambda *args, **kwargs: (sql, filled)
        asked = queryset.all()
        asked.query.get_compiler = lambda *args, **kwargs: compiler
        return list(asked)

    return rows
