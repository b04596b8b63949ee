"""The public matrix of rights against policies (P3): in plain words, searchable, to be printed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from metrics import adherence, audit_calendar
from policies import rights
from policies.models import Right
from policies.rights import Cell

FEW = 10
"""With fewer cases a percentage says more than they bear, and might tell of one of them."""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the rights in force in the reader's language; `q` keeps those that say all of its words."""
    now = timezone.now()
    query = request.GET.get("q", "")[:100]
    looked = audit_calendar.looked_at()
    matrix = [
        (Right.About(about), [(cell, _kept(cell), looked.get((about, cell.row.policy))) for cell in cells])
        for about, cells in rights.search(query, get_language() or "en", now).items()
    ]
    context = {"matrix": matrix, "query": query, "now": now}
    return render(request, "portal/rights.html", context)


def _kept(cell: Cell) -> adherence.Kept | None:
    """Return how far it is kept, None of fewer cases than FEW."""
    measure = cell.row.measure
    if not measure:
        return None
    kept = adherence.lately(measure, timezone.now())
    return kept if kept.of >= FEW else None
