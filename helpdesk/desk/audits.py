"""The quarterly audit of policies on the desk (P3.3): what is due, one audit with its checklist, the tickets behind."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalation.access import visible_to
from helpdesk.desk.audit_forms import ActionForm, BeginForm, CloseForm, FindingForm
from helpdesk.desk.policies import staff_only
from metrics import adherence, audit_calendar, audit_tickets, audits, quarters
from metrics.adherence import Kept, Measure
from metrics.fridays import Span
from metrics.models import AuditAction, AuditFigure, AuditFinding, PolicyAudit
from policies.models import Right
from tickets.clock import database_now
from tickets.models import Ticket, User
from tickets.refusals import Refusal

A_PAGE = 50
KEPT_FOR = 600
"""Seconds for which figures that are not frozen are not counted anew."""


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show each policy with what is measured now, its last audit, and what is missing; a posted form begins one."""
    staff_only(request)
    now = database_now()
    form = BeginForm(request.POST or None, quarters=_to_begin(now))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = audits.begin(actor=request.user, now=now, **data)
        except Refusal as refusal:
            if refusal.code == "open":
                return redirect("desk:audit", refusal.data["audit"])
            form.refuse(refusal)
        else:
            return redirect("desk:audit", made.pk)
    return _index(request, form, now, status=400 if form.errors else 200)


def _index(request: HttpRequest, form: BeginForm, now: datetime, *, status: int) -> HttpResponse:
    running = quarters.of(now)
    over = quarters.before(running)
    known = {audit.policy: audit for audit in reversed(audit_calendar.published()[:100])}
    under_way = {audit.policy: audit for audit in PolicyAudit.objects.filter(published_at=None)}
    context = {
        "policies": [
            (policy.label, _figures(policy, running, now), known.get(policy), under_way.get(policy))
            for policy in Right.Against
        ],
        "running": quarters.name(running),
        "over": quarters.name(over),
        "missing": [Right.Against(policy).label for policy in audit_calendar.missing(over)],
        "published": Paginator(audit_calendar.published(), A_PAGE).get_page(request.GET.get("page")),
        "actions": AuditAction.objects.filter(done_at=None).select_related("audit", "owner")[:A_PAGE],
        "form": form,
        "may_audit": request.user.has_role(*audits.AUDITORS),
        "today": now.date(),
        "now": now,
    }
    return render(request, "desk/audits.html", context, status=status)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one audit: its figures, its checklist as far as the reader sees the tickets, its actions."""
    staff_only(request)
    return _page(request, _audit(pk))


@require_POST
def answer(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take the answers about one ticket of the sample."""
    audit = _audit(pk)
    rows = list(audit.findings.filter(ticket=number).select_related("right"))
    forms = [FindingForm(request.POST, finding=row) for row in rows]
    if rows and all(form.is_valid() for form in forms):
        said = {form.finding.right_id: form.said() for form in forms}
        try:
            audits.answer(pk, number, said, actor=request.user, now=database_now())
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            forms[0].refuse(refusal)
        else:
            messages.success(request, _("Kept: #%(n)s.") % {"n": number})
            return redirect(f"{_address(pk)}#t{number}")
    if not rows:
        raise Http404
    return _page(request, audit, bound={number: forms}, status=400)


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an action to an open audit."""
    form = ActionForm(request.POST)
    if _carried_out(form, audits.act, pk, request.user):
        return redirect(f"{_address(pk)}#actions")
    return _page(request, _audit(pk), action_form=form, status=400)


@require_POST
def drop(request: HttpRequest, pk: int, action: int) -> HttpResponse:
    """Take an action out of an open audit."""
    audits.drop(pk, action, actor=request.user, now=database_now())
    return redirect(f"{_address(pk)}#actions")


@require_POST
def done(request: HttpRequest, action: int) -> HttpResponse:
    """Note that an action is done."""
    row = audits.done(action, actor=request.user, now=database_now())
    messages.success(request, _("Done."))
    return redirect(f"{_address(row.audit_id)}#actions")


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an audit, which publishes it."""
    form = CloseForm(request.POST)
    if _carried_out(form, audits.close, pk, request.user):
        messages.success(request, _("Published. It never changes; a correction is a new edition."))
        return redirect("desk:audit", pk)
    return _page(request, _audit(pk), close_form=form, status=409)


def _carried_out(form: ActionForm | CloseForm, verb: Callable, pk: int, actor: User) -> bool:
    """Do with audit PK what the form asks for; a refusal is said on the form."""
    if not form.is_valid():
        return False
    try:
        verb(pk, actor=actor, now=database_now(), **form.cleaned_data)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.refuse(refusal)
        return False
    return True


@require_safe
def behind(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """List the tickets behind a figure of an audit that the reader may see, those first in which it was not kept."""
    staff_only(request)
    audit = _audit(pk)
    found = audit_tickets.behind(audit, key, request.user)
    if found is None:
        raise Http404
    page = Paginator(found.numbers, A_PAGE).get_page(request.GET.get("page"))
    tickets = Ticket.objects.select_related("escalation", "team").in_bulk(list(page))
    context = {
        "audit": audit,
        "measure": adherence.MEASURES[key],
        "figure": found.figure,
        "page": page,
        "rows": [(tickets[number], number not in found.missed) for number in page],
        "restricted": found.hidden,
    }
    return render(request, "desk/audit_figure.html", context)


def _page(
    request: HttpRequest,
    audit: PolicyAudit,
    *,
    bound: dict[int, list[FindingForm]] | None = None,
    action_form: ActionForm | None = None,
    close_form: CloseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = database_now()
    works = audit.published_at is None and audits.may_audit(request.user, audit.policy, now)
    asked = list(audit.findings.select_related("right", "answered_by", "ticket"))
    numbers = {row.ticket_id for row in asked}
    seen = set(visible_to(request.user, Ticket.objects.filter(pk__in=numbers)).values_list("pk", flat=True))
    drawn: dict[int, list[FindingForm]] = {}
    for row in asked:
        if row.ticket_id in seen:
            drawn.setdefault(row.ticket_id, []).append(FindingForm(finding=row))
    people = {person.pk: person for person in User.objects.filter(pk__in=audits.answering(audit, now))}
    context = {
        "audit": audit,
        "figures": [(adherence.MEASURES[row.key], row) for row in _figures_of(audit)],
        "drawn": [(forms[0].finding.ticket, (bound or {}).get(n) or forms) for n, forms in drawn.items()],
        "hidden": len(numbers - seen),
        "left": sum(not row.answer for row in asked),
        "tally": [(answer.label, sum(row.answer == answer for row in asked)) for answer in AuditFinding.Answer],
        "total": len(asked),
        "actions": audit.actions.select_related("owner", "done_by"),
        "owners": list(people.values()),
        "editions": PolicyAudit.objects.filter(quarter=audit.quarter, policy=audit.policy).order_by("-edition"),
        "works": works,
        "action_form": action_form or ActionForm(),
        "close_form": close_form or CloseForm(),
        "today": now.date(),
        "now": now,
    }
    return render(request, "desk/audit.html", context, status=status)


def _audit(pk: int) -> PolicyAudit:
    return get_object_or_404(PolicyAudit.objects.select_related("begun_by", "published_by"), pk=pk)


def _address(pk: int) -> str:
    return redirect("desk:audit", pk).url


def _figures_of(audit: PolicyAudit) -> list[AuditFigure]:
    """Return the figures that were frozen, or while the audit is open as they stand, counted anew after a while."""
    if audit.published_at:
        return list(audit.figures.defer("tickets", "missed"))
    counted = _counted(audit.policy, Span(audit.starts_at, audit.ends_at), f"{audit.pk}")
    return [AuditFigure(key=measure.key, kept=found.kept, of=found.of) for measure, found in counted]


def _figures(policy: str, quarter: date, now: datetime) -> list[tuple[Measure, Kept]]:
    """Return what is measured of a policy in the running quarter."""
    return _counted(policy, Span(quarters.span(quarter).start, now), quarters.name(quarter))


def _counted(policy: str, span: Span, label: str) -> list[tuple[Measure, Kept]]:
    found = []
    for measure in adherence.about(policy):
        count = partial(adherence.over, measure.key, span)
        found.append((measure, cache.get_or_set(f"adherence:{label}:{measure.key}", count, KEPT_FOR)))
    return found


def _to_begin(now: datetime) -> list[date]:
    """Return the quarters that can be audited: the last four that are over, and the one that runs."""
    found = [quarters.of(now)]
    for _again in range(4):
        found.append(quarters.before(found[-1]))
    return [found[1], found[0], *found[2:]]
