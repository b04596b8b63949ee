"""The approvals inbox: what waits for my signature, what I owe words for, what I decided, what I asked for."""

import hashlib
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.db.models import F, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escalation import approvals, overview, signatures
from escalation.models import Approval, FloorVisit, Hold
from escalation.moves import JUSTIFICATION_MIN
from helpdesk.desk.stand import Stand
from helpdesk.portal.forms import CarriesRefusals
from policies.risks import Risk
from tickets.models import Message, User
from tickets.refusals import NotFound, Refusal

LOOKBACK = timedelta(days=14)
"""How far back the decided ones are listed."""

LAST_MESSAGES = 3
"""Messages of the conversation that a request shows."""


class DecisionForm(CarriesRefusals):
    """The signer's words, and the digest of what they were shown."""

    note = forms.CharField(
        label=gettext_lazy("Your justification"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("It goes on the record: at least %(n)s characters.") % {"n": JUSTIFICATION_MIN},
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the four lists; asked again with the `stamp` of what is on screen, say 204 when nothing changed."""
    user, now = request.user, timezone.now()
    waiting = list(_with_clock(signatures.waiting_for(user)))
    mine = _with_clock(signatures.visible_to(user).filter(requested_by=user))
    mine = list(mine.filter(_open() | Q(requested_at__gte=now - LOOKBACK)).order_by("-requested_at")[:50])
    decided = signatures.visible_to(user).filter(decided_by=user, decided_at__gte=now - LOOKBACK)
    decided = list(decided.select_related("escalation__ticket__customer", "requested_by").order_by("-decided_at")[:50])
    shown = [(row.pk, row.state, row.decided_at, row.due) for row in [*waiting, *mine]] + [row.pk for row in decided]
    stamp = hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
    fragment = bool(request.htmx and "stamp" in request.GET)
    if fragment and request.GET["stamp"] == stamp:
        return HttpResponse(status=204)
    far = now + timedelta(days=3650)
    context = {
        "pending": sorted((row for row in waiting if not row.justification_owed), key=lambda row: row.due or far),
        "owed": [row for row in waiting if row.justification_owed],
        "decided": decided,
        "mine": mine,
        "signs": any(user.has_role(*allowed) for allowed in signatures.SIGNERS.values()),
        "stamp": stamp,
        "now": now,
    }
    return render(request, "desk/parts/inbox.html" if fragment else "desk/approvals.html", context)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one request with everything that a signer must know, on one page."""
    return _page(request, _get(request.user, pk))


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign or refuse. Whatever stands against it is said on the same page, with the words kept."""
    approval = _get(request.user, pk)
    do = request.POST.get("do")
    if do not in {"approve", "refuse"}:
        raise Http404
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, approval, form=form, chosen=do, status=400)
    words = form.cleaned_data["note"]
    try:
        if do == "approve":
            owed = approval.justification_owed
            digest = form.cleaned_data["digest"] or None
            approvals.approve(pk, actor=request.user, note=words, digest=digest)
            done = _("The justification is on record.") if owed else _("Signed: %(what)s of #%(number)s.")
        else:
            approvals.reject(pk, actor=request.user, note=words)
            done = _("Refused: %(what)s of #%(number)s.")
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, _get(request.user, pk), form=form, chosen=do, status=refusal.status)
    messages.success(request, done % {"what": approval.get_kind_display(), "number": approval.escalation_id})
    return redirect("desk:approvals")


def _open() -> Q:
    return Q(state=Approval.State.PENDING) | Q(state=Approval.State.OVERTAKEN, decided_at__isnull=True)


def _with_clock(rows):
    """Add the deadline of the open stay: when the clock decides (P2.1)."""
    stay = FloorVisit.objects.filter(escalation_id=OuterRef("escalation_id"), left_at__isnull=True)
    return rows.select_related("escalation__ticket__customer", "requested_by", "decided_by").annotate(
        due=Subquery(stay.values("due_at")[:1]), window=Subquery(stay.values("limit")[:1]), floor=F("escalation__state")
    )


def _get(user: User, pk: int) -> Approval:
    approval = _with_clock(signatures.visible_to(user)).filter(pk=pk).first()
    if approval is None:
        raise NotFound(_("There is no request %(id)s that you may see.") % {"id": pk}, code="not_found")
    return approval


def _page(
    request: HttpRequest, approval: Approval, *, form: DecisionForm | None = None, chosen: str = "", status: int = 200
) -> HttpResponse:
    user = request.user
    ticket = overview.ticket(user, approval.escalation_id)
    said = ticket.messages.select_related("author").prefetch_related("attachments").order_by("-created_at", "-id")
    count = ticket.messages.count()
    own = approval.requested_by_id == user.pk
    context = {
        "approval": approval,
        "ticket": ticket,
        "stand": Stand(ticket),
        "said": list(said[:LAST_MESSAGES])[::-1],
        "earlier": max(count - LAST_MESSAGES, 0),
        "facts": _facts(approval),
        "form": form or DecisionForm(initial={"digest": approval.digest}),
        "chosen": chosen,
        "open": approval.state == Approval.State.PENDING or approval.justification_owed,
        "own": own,
        "may_sign": signatures.may_sign(user, approval),
        "signers": signatures.signer_names(approval),
        "people": _people(approval) if own else [],
        "now": timezone.now(),
    }
    return render(request, "desk/approval.html", context, status=status)


def _facts(approval: Approval) -> list[tuple[str, str]]:
    """Return in words what the signature is bound to besides the justification."""
    facts = []
    if hold_id := approval.content.get("hold"):
        hold = Hold.objects.select_related("placed_by").filter(pk=hold_id).first()
        if hold:
            facts.append((_("The hold"), f"{hold.reason} ({hold.placed_by or _('a rule')})"))
    if "risks" in approval.content:
        named = dict(Risk.choices)
        risks = ", ".join(str(named.get(risk, risk)) for risk in approval.content["risks"])
        facts.append((_("Risks at that time"), risks or _("none")))
    if newest := Message.objects.filter(pk=approval.content.get("last_message")).select_related("author").first():
        time = date_format(timezone.localtime(newest.created_at), "SHORT_DATETIME_FORMAT")
        facts.append((_("Newest message at that time"), f"{newest.author or _('Customer')}, {time}"))
    return facts


def _people(approval: Approval) -> list[str]:
    """Return the names of those who may sign instead of the one who asked."""
    floor = 2 if approval.justification_owed else approval.escalation.sensitive_floor
    allowed = signatures.signers(approval.kind, floor)
    people = User.objects.filter(is_active=True, groups__name__in=allowed).exclude(pk=approval.requested_by_id)
    return [str(user) for user in people.distinct().order_by("name", "email")[:10]]
