"""The tickets behind the figures of an audit: counted, frozen and put in order by the database, since they are many."""

from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F

from escalation.access import visible_to
from metrics import adherence
from metrics.adherence import Kept
from metrics.fridays import Span
from metrics.models import AuditFigure, PolicyAudit
from tickets.models import User
from tickets.statements import embedded

_FREEZE = """
INSERT INTO metrics_auditfigure (audit_id, key, kept, "of", tickets, missed)
SELECT %(audit)s, %(key)s, count(*) FILTER (WHERE met <> 0), count(*),
    coalesce(array_agg(behind ORDER BY behind), '{{}}'),
    coalesce(array_agg(behind ORDER BY behind) FILTER (WHERE met = 0), '{{}}')
FROM ({rows}) counted
"""

_COUNTED = "SELECT behind, min(met) AS met, count(*) AS rows, sum(met) AS kept FROM ({rows}) counted GROUP BY behind"

_FROZEN = """
SELECT behind, min(met) AS met, count(*) AS rows, sum(met) AS kept FROM (
    SELECT unnest(tickets) AS behind, 1 AS met FROM metrics_auditfigure WHERE id = %(figure)s
    UNION ALL SELECT unnest(missed), 0 FROM metrics_auditfigure WHERE id = %(figure)s
) frozen GROUP BY behind
"""

_SEEN = """
SELECT coalesce(array_agg(behind ORDER BY met, behind) FILTER (WHERE v.number IS NOT NULL), '{{}}'),
    count(*) FILTER (WHERE v.number IS NOT NULL AND met = 0), count(*) FILTER (WHERE v.number IS NULL),
    coalesce(sum(kept), 0), coalesce(sum(rows), 0)
FROM ({tickets}) t LEFT JOIN ({visible}) v ON v.number = t.behind
"""


@dataclass(frozen=True)
class Behind:
    """What somebody sees of the tickets behind a figure, the `missed` first; `hidden` are so many others."""

    figure: AuditFigure | Kept
    numbers: list[int]
    missed: frozenset[int]
    hidden: int


def freeze(audit: PolicyAudit) -> None:
    """Keep the figures of AUDIT with the tickets behind them, as they stand now."""
    with connection.cursor() as cursor:
        for measure in adherence.about(audit.policy):
            rows, values = _rows(audit, measure.key)
            cursor.execute(_FREEZE.format(rows=rows), values | {"audit": audit.pk, "key": measure.key})


def behind(audit: PolicyAudit, key: str, reader: User) -> Behind | None:
    """Return the tickets behind the figure KEY that READER may see: frozen, or as they stand while it is open."""
    figure = audit.figures.defer("tickets", "missed").filter(key=key).first()
    if figure is None and (audit.published_at or key not in {measure.key for measure in adherence.about(audit.policy)}):
        return None
    if figure:
        tickets, values = _FROZEN, {"figure": figure.pk}
    else:
        rows, values = _rows(audit, key)
        tickets = _COUNTED.format(rows=rows)
    try:
        visible, more = embedded(visible_to(reader).order_by().values("number"), "seen")
    except EmptyResultSet:
        visible, more = "SELECT NULL::bigint AS number WHERE false", {}
    with connection.cursor() as cursor:
        cursor.execute(_SEEN.format(tickets=tickets, visible=visible), values | more)
        numbers, missed, hidden, kept, of = cursor.fetchone()
    return Behind(figure or Kept(int(kept), int(of)), numbers, frozenset(numbers[:missed]), hidden)


def _rows(audit: PolicyAudit, key: str) -> tuple[str, dict[str, object]]:
    counted = adherence.MEASURES[key].source(Span(audit.starts_at, audit.ends_at))
    return embedded(counted.queryset.annotate(behind=F(counted.number)).order_by().values("behind", "met"))
