"""The approvals inbox: what waits for my signature, what I owe words for, what I decided, what I asked for."""

import hashlib
from datetime import timedelta
from decimal import Decimal

from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from escalation import access, approvals, facts, masking, overview, precedents, signers, telling
from escalation.justification import JUSTIFICATION_MIN
from escalation.models import Approval, FloorVisit
from helpdesk.desk import changes
from helpdesk.desk.offers import Offers
from helpdesk.desk.stand import Stand
from helpdesk.portal.forms import CarriesRefusals
from helpdesk.templatetags.ux import money
from policies.matrix import Matrix
from policies.risks import Risk
from tickets import step_up
from tickets.models import Duty, Message, Ticket, User
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
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = _("It goes on the record: at least %(n)s characters.") % {
            "n": JUSTIFICATION_MIN
        }


class QuestionForm(CarriesRefusals):
    """What a signer must know first."""

    fields_of_verbs = {"reason": "note", "question": "note"}
    note = forms.CharField(
        label=gettext_lazy("Your question"), max_length=10_000, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("An internal note, of which whoever asked is told."),
    )  # fmt: skip
    hold = forms.BooleanField(label=gettext_lazy("Hold the ticket; the release is signed"), required=False)


FORMS = {"approve": DecisionForm, "refuse": DecisionForm, "ask": QuestionForm}


def form_for(do: str, data: QueryDict | None = None) -> CarriesRefusals:
    """Return the form of one way to decide; its ids differ from those of the others."""
    return FORMS[do](data, auto_id=f"{do}-%s")


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the four lists; asked again with the `stamp` of what is on screen, say 204 when nothing changed."""
    user, now = request.user, timezone.now()
    waiting = signers.waiting_for(user, _with_clock(Approval.objects.all()))
    mine = _with_clock(access.visible_requests(user).filter(requested_by=user))
    mine = list(mine.filter(_open() | Q(requested_at__gte=now - LOOKBACK)).order_by("-requested_at")[:50])
    decided = access.visible_requests(user).filter(decided_by=user, decided_at__gte=now - LOOKBACK)
    decided = list(decided.select_related("escalation__ticket__customer", "requested_by").order_by("-decided_at")[:50])
    shown = [(row.pk, row.state, row.decided_at, row.due) for row in [*waiting, *mine]] + [row.pk for row in decided]
    stamp = hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
    fragment = bool(request.htmx and "stamp" in request.GET)
    if fragment and request.GET["stamp"] == stamp:
        return HttpResponse(status=204)
    far = now + timedelta(days=3650)
    for row in waiting:
        row.marks = _marks(row)
    context = {
        "pending": sorted((row for row in waiting if not row.justification_owed), key=lambda row: row.due or far),
        "owed": [row for row in waiting if row.justification_owed],
        "decided": decided,
        "mine": mine,
        "signs": bool(signers.kinds_signed_by(user)),
        "stamp": stamp,
        "now": now,
    }
    return render(request, "desk/parts/inbox.html" if fragment else "desk/approvals.html", context)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one request with everything that a signer must know, on one page."""
    return _page(request, _get(request.user, pk))


@require_safe
def told(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether the customer has heard of the review; the page asks again until they have."""
    return render(request, "desk/parts/told.html", {"a": _get(request.user, pk), "now": timezone.now()})


@require_safe
def fate(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of a request while its page was open, in a notice that leaves typed words alone; 204 for nothing."""
    context = {"pk": pk, "now": timezone.now()}
    try:
        approval = _get(request.user, pk)
    except NotFound:
        return render(request, "desk/parts/fate.html", context | {"gone": True})
    word = _word(approval, facts.digest(approval, facts.of(approval.escalation_id)))
    if word == request.GET.get("as"):
        return HttpResponse(status=204)
    own = approval.decided_by_id == request.user.pk
    return render(request, "desk/parts/fate.html", context | {"a": approval, "fate": word, "own": own, "news": True})


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign or refuse. Whatever stands against it is said on the same page, with the words kept."""
    approval = _get(request.user, pk)
    do = request.POST.get("do")
    if do not in FORMS:
        raise Http404
    form = form_for(do, request.POST)
    if not form.is_valid():
        return _page(request, approval, form=form, chosen=do, status=400)
    if do == "approve" and not step_up.proven(request):
        raise ReauthenticationRequired  # the form is sent on by itself once the password was given
    words = form.cleaned_data["note"]
    try:
        if do == "ask":
            approvals.ask(pk, actor=request.user, question=words, hold=form.cleaned_data["hold"])
            messages.success(request, _("Asked: %(who)s is told.") % {"who": approval.requested_by})
            return redirect("desk:approval", pk)
        if do == "approve":
            owed = approval.justification_owed
            digest = form.cleaned_data["digest"] or None
            signed = approvals.approve(pk, actor=request.user, note=words, digest=digest)
            if signed.state == Approval.State.PENDING:
                done = _("Your signature is on record; %(what)s of #%(number)s needs another one.")
            else:
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
    approval = telling.with_told(_with_clock(access.visible_requests(user))).filter(pk=pk).first()
    if approval is None:
        raise NotFound(_("There is no request %(id)s that you may see.") % {"id": pk}, code="not_found")
    return approval


def _word(approval: Approval, digest: str) -> str:
    """Return a word that changes when a request is decided or overtaken, or says something else than it did."""
    binds = approval.state == Approval.State.PENDING  # what is owed is about what was asked then
    return f"{approval.state}.{'d' if approval.decided_at else ''}.{digest[:16] if binds else ''}"


def _is_open(approval: Approval) -> bool:
    return approval.state == Approval.State.PENDING or approval.justification_owed


def _marks(approval: Approval) -> list[tuple[str, str]]:
    """Return what the list says of a request as (colour, words): amount, risks, whether there is evidence."""
    content = approval.content
    cost = content.get("amount")
    marks = [("plain", money(Decimal(cost["amount"]), cost["currency"]))] if cost else []
    marks += [("warn", str(Risk(risk).label)) for risk in content.get("risks", []) if risk in Risk.values]
    count = len(content.get("evidence", []))
    words = ngettext("%(n)s piece of evidence", "%(n)s pieces of evidence", count) % {"n": count}
    return [*marks, ("plain", words if count else _("no evidence"))]


def _similar(approval: Approval, ticket: Ticket, user: User) -> list[precedents.Similar]:
    """Return what was decided before in cases like the one whose decision is to be signed (P4.4)."""
    found = precedents.similar(
        ticket, user, problem=approval.content["problem"], remedy=approval.content["remedy"],
        words=approval.justification,
    )  # fmt: skip
    for case in found:
        case.decision.shown = masking.rationale(case.decision, user)
    return found


def _page(
    request: HttpRequest,
    approval: Approval,
    *,
    form: CarriesRefusals | None = None,
    chosen: str = "approve",
    status: int = 200,
) -> HttpResponse:
    user = request.user
    ticket = overview.ticket(user, approval.escalation_id)
    said = Message.objects.in_conversation(ticket.pk)
    count = said.count()
    said = said.select_related("author", "customer", "ticket__customer").prefetch_related("attachments")
    said = said.order_by("-created_at", "-id")
    where = Stand(ticket)
    own = approval.requested_by_id == user.pk
    is_open = _is_open(approval)
    tells_changes = is_open or approval.state == Approval.State.VOID
    stand = facts.of(ticket.pk) if tells_changes else {}
    capacity = signers.capacity(user, approval)
    digest = facts.digest(approval, stand) if is_open else approval.digest
    needed = signers.rule_for(approval, Matrix()).signatures
    here = Duty.objects.present(timezone.now()).filter(user=OuterRef("pk"))
    context = {
        "approval": approval,
        "ticket": ticket,
        "stand": where,
        "similar": _similar(approval, ticket, user) if approval.kind == Approval.Kind.DECISION else None,
        "said": list(said[:LAST_MESSAGES])[::-1],
        "earlier": max(count - LAST_MESSAGES, 0),
        "facts": changes.facts(facts.shown(approval, stand)),
        "changed": changes.words(facts.difference(approval, stand)) if tells_changes else [],
        "digest": digest,
        "fate": _word(approval, digest),
        "a": approval,
        "pk": approval.pk,
        "given": list(approval.signatures.select_related("signer", "in_the_name_of")),
        "needed": needed,
        "capacity": capacity,
        "form": form or DecisionForm(),
        "forms": {do: form if form and do == chosen else form_for(do) for do in FORMS},
        "chosen": chosen,
        "may_take": Offers(where, user).can_take_over,
        "open": is_open,
        "own": own,
        "may_sign": capacity is not None,
        "signers": signers.names(approval),
        "people": list(signers.people(approval).annotate(is_here=Exists(here))[:10]) if own else [],
        "now": timezone.now(),
    }
    return render(request, "desk/approval.html", context, status=status)
