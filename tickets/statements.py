"""Querysets inside statements that are written by hand, where the ORM cannot say it or costs more than its answer."""

import re

from django.db.models import QuerySet


def embedded(rows: QuerySet, prefix: str = "of") -> tuple[str, dict[str, object]]:
    """Return the SQL of ROWS with its values by name, so that it can stand anywhere in a statement, also twice.

    PREFIX tells the names of two querysets apart. Raises EmptyResultSet when ROWS are surely none.
    """
    sql, values = rows.query.sql_with_params()
    named = {f"{prefix}{n}": value for n, value in enumerate(values)}
    names = iter(named)
    return re.sub("%%|%s", lambda sign: sign[0] if sign[0] == "%%" else f"%({next(names)})s", sql), named
