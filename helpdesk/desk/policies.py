"""The policy book on the desk: what is in force, its history, drafts beside what they replace, and publication."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Q, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalation import promise_trial as tried_on_tickets
from helpdesk.desk import (
    matrix_trial,
    policy_forms,
    policy_words,
    promise_trial,
    publication,
    right_words,
    script_words,
)
from helpdesk.desk.policy_forms import PolicyForm, ReviewForm
from helpdesk.desk.rule_forms import PublishForm
from metrics import adherence
from policies import book, life, proposals, reviews, sightings
from policies.book import Kind
from policies.models import DecisionRule, Policy, PolicyDraft, Right
from policies.remedies import Remedy
from tickets import roles
from tickets.clock import database_now
from tickets.refusals import NotAllowed, Refusal

WHO_SAW = (roles.SUPERVISOR, roles.MANAGER, roles.POLICY_OWNER, roles.ADMIN)
"""Who is told by name who has seen a policy: those who must see to it that people know of it."""


PER_PAGE = 200


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the kinds of policy, what is drafted, and what is to be looked at again."""
    staff_only(request)
    now = database_now()
    drafts = PolicyDraft.objects.select_related("author", "owner")[:200]
    context = {
        "kinds": [(kind, _standing(kind, now)) for kind in book.KINDS.values()],
        "drafts": [(draft, book.KINDS[draft.kind], _title(draft)) for draft in drafts if draft.kind in book.KINDS],
        "overdue": [
            (policy, kind, policy_words.title(kind, kind.write(policy))) for kind, policy in reviews.overdue(now)
        ],
        "news": [
            (policy, kind, policy_words.title(kind, kind.write(policy)))
            for kind, policy in sightings.new_to(request.user, now)
        ],
        "may_write": life.may_write(request.user),
        "now": now,
        "today": now.date(),
    }
    return render(request, "desk/policies.html", context)


def _standing(kind: Kind, now: datetime) -> dict:
    """Return of the rules of KIND in force: how many, the last change, who answers for them, the next review."""
    return kind.model.objects.in_force(now).aggregate(
        rules=Count("pk"),
        changed=Max("valid_from"),
        review=Min("review_on"),
        owners=ArrayAgg("owner__name", distinct=True, filter=Q(owner__isnull=False), default=Value([])),
    )


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """List the rules of a kind in force, with those that are to come into force."""
    staff_only(request)
    kind, now = book.kind(slug), database_now()
    if kind.own_drafts:
        return redirect("desk:rules")
    ordered = kind.standing(now).order_by(*kind.model._meta.ordering, "pk")
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(policy, kind.write(policy)) for policy in page]
    # A grid shows all that holds: a place that is filled on another page would look as if it had no rule.
    holding = list(kind.model.objects.in_force(now)) if slug in ("decision-matrix", "rights") else []
    context = {
        "kind": kind,
        "rows": [
            (p, policy_words.title(kind, said), policy_words.short(kind, said), policy_words.missing(said))
            for p, said in rows
        ],
        "page": page,
        "grid": policy_words.grid(holding) if slug == "decision-matrix" else [],
        "rights": right_words.grid(holding) if slug == "rights" else [],
        "against": Right.Against,
        "remedies": Remedy.labels,
        "says": slug != "rights",  # their texts stand in the grid
        "drafts": PolicyDraft.objects.filter(kind=slug).select_related("author"),
        "may_write": life.may_write(request.user),
        "now": now,
        "today": now.date(),
    }
    return render(request, "desk/policy_kind.html", context)


@require_safe
def version(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show one version for good, with all versions of the same rule."""
    return _version_page(request, slug, pk)


@require_POST
def reviewed(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Put on record that a version was looked at and stays as it is."""
    life.require_writer(request.user)
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            reviews.confirm(book.kind(slug), pk, **form.cleaned_data, actor=request.user, now=database_now())
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            form.refuse(refusal)
        else:
            messages.success(request, _("On record. It comes up again on its next day of review."))
            return redirect("desk:policy_version", slug, pk)
    return _version_page(request, slug, pk, review_form=form, status=400)


def _version_page(
    request: HttpRequest, slug: str, pk: int, *, review_form: ReviewForm | None = None, status: int = 200
) -> HttpResponse:
    staff_only(request)
    kind, now = book.kind(slug), database_now()
    policy = find(kind, pk)
    sightings.note(kind, policy, request.user, now=now)
    columns = {name: getattr(policy, name) for name in kind.columns}
    history = kind.versions(columns).select_related("created_by", "published_by").order_by("-valid_from", "-pk")
    context = {
        "kind": kind,
        "policy": policy,
        "title": policy_words.title(kind, kind.write(policy)),
        "cells": policy_words.cells(kind, policy),
        "previews": right_words.previews(kind, kind.write(policy)),
        "samples": script_words.samples(kind, kind.write(policy), request.user),
        "history": history[:100],
        "reviews": reviews.of(kind, policy)[:20],
        "review_form": review_form or ReviewForm(),
        "may_review": life.may_write(request.user) and policy.holds_at(now),
        "kept": adherence.lately(policy.measure, now) if isinstance(policy, Right) and policy.measure else None,
        "may_write": life.may_write(request.user) and policy.valid_until is None,
        "sight": sightings.of(kind, policy) if request.user.has_role(*WHO_SAW) else None,
        "is_to_come": policy.is_to_come(now),
        "coming": kind.versions(columns).standing(now).filter(valid_from__gt=now).order_by("valid_from").first(),
        "stays": kind.stays(policy) and not policy.is_to_come(now),
        "now": now,
    }
    return render(request, "desk/policy.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft a rule of a kind; with `from`, the next version of that one."""
    life.require_writer(request.user)
    kind = book.kind(slug)
    policy = find(kind, request.GET["from"], current=True) if "from" in request.GET else None
    if kind.own_drafts:
        return redirect(f"{reverse('desk:rule_new')}?{urlencode({'from': policy.slug})}" if policy else "desk:rule_new")
    if policy and request.method != "POST" and (there := proposals.of(kind, policy)):
        messages.info(request, _("There is a draft of this rule already; go on with that one."))
        return redirect(f"{reverse('desk:policy_draft', args=[there.pk])}?{request.GET.urlencode()}")
    written = (
        kind.write(policy)
        if policy
        else policy_words.begun({name: request.GET[name][:200] for name in kind.columns if name in request.GET})
    )
    initial = policy_forms.about(policy) if policy else {}
    form = PolicyForm(request.POST or None, kind=kind, written=written, fixed=bool(policy), initial=initial)
    form.open_at(request)
    if request.method == "POST" and form.is_valid() and not _asks_preview(request, form):
        try:
            draft = proposals.begin(kind, form.plain(), actor=request.user, now=database_now(), **form.about())
        except Refusal as refusal:
            if refusal.code == "draft_exists":
                return _both(request, refusal)
            form.refuse(refusal)
        else:
            return _to_draft(draft.pk, form)
    context = {"kind": kind, "policy": policy, "form": form, "title": policy_words.title(kind, written)}
    if _asks_preview(request, form):
        context |= _as_it_reads(request, kind, form.plain())
    return render(request, "desk/policy_draft.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft beside what it replaces, and take a change of it."""
    life.require_writer(request.user)
    row = proposals.get(pk)
    form = _form(row, request.POST or None)
    form.open_at(request)
    if request.method == "POST" and form.is_valid() and not _asks_preview(request, form):
        try:
            revision = form.cleaned_data["revision"] or 0
            proposals.save(
                pk, form.plain(), revision=revision, actor=request.user, now=database_now(), **form.about()
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.code == "stale":
                return _both(request, refusal)
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved. Somebody else publishes it."))
            return _to_draft(pk, form)
    return _draft_page(request, row, form, status=400 if form.errors else 200)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft in force, as the second person."""
    life.require_writer(request.user)
    row = proposals.get(pk)
    policy, form = publication.publish(request, pk, proposals.publish)
    if policy is None:
        return _draft_page(request, row, _form(row), publish_form=form, status=409)
    messages.success(request, publication.done(row, policy, database_now()))
    return redirect("desk:policy_version", row.kind, policy.pk)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    life.require_writer(request.user)
    kind = proposals.get(pk).kind
    proposals.discard(pk, actor=request.user)
    messages.success(request, _("The draft is gone. Nothing in force has changed."))
    return redirect("desk:policy_kind", kind)


@require_POST
def end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Draft the withdrawal of a rule; it takes a second person like any change."""
    try:
        made = proposals.begin_end(book.kind(slug), pk, actor=request.user, now=database_now())
    except Refusal as refusal:
        if refusal.code != "draft_exists":
            raise
        messages.warning(request, refusal.detail)
        return redirect("desk:policy_draft", refusal.data["draft"])
    return redirect("desk:policy_draft", made.pk)


def _form(row: PolicyDraft, data=None) -> PolicyForm:
    initial = {"why": row.why, "owner": row.owner_id, "review_on": row.review_on, "revision": row.revision}
    return PolicyForm(data, kind=book.kind(row.kind), written=row.terms, fixed=True, initial=initial)


def _to_draft(pk: int, form: PolicyForm) -> HttpResponse:
    """Go to a draft, with the language open in which it was written."""
    opened = f"?{urlencode({'language': form.opened})}" if form.texts and form.opened else ""
    return redirect(f"{reverse('desk:policy_draft', args=[pk])}{opened}")


def _as_it_reads(request: HttpRequest, kind: Kind, written: dict) -> dict:
    """Return what is WRITTEN as those for whom it is written will read it."""
    return {
        "previews": right_words.previews(kind, written),
        "samples": script_words.samples(kind, written, request.user),
    }


def _asks_preview(request: HttpRequest, form: PolicyForm) -> bool:
    """Whether the form is to be shown as customers would see it, and not saved."""
    return request.POST.get("do") == "preview" and form.is_valid()


def _both(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Show the draft that somebody else has saved beside what was typed here; saving again keeps what was typed."""
    row = proposals.get(refusal.data["draft"])
    form = _form(row, request.POST)
    form.open_at(request)
    form.is_valid()
    differ = publication.beside(form, _form(row), row.revision)
    if not differ:
        messages.warning(request, refusal.detail)
        return redirect("desk:policy_draft", row.pk)
    return _draft_page(request, row, form, differ=differ, status=409)


def _draft_page(
    request: HttpRequest,
    row: PolicyDraft,
    form: PolicyForm,
    *,
    publish_form: PublishForm | None = None,
    differ: Sequence[tuple[str, str, str]] = (),
    status: int,
) -> HttpResponse:
    kind, now = book.kind(row.kind), database_now()
    cells = policy_words.compared(row, kind)
    context = {
        "kind": kind,
        "draft": row,
        "form": form,
        "title": _title(row),
        "differ": differ,
        **_as_it_reads(request, kind, form.plain() if _asks_preview(request, form) else row.terms),
        "cells": cells,
        "changed": [cell for cell in cells if cell.changed and not row.ends],
        "same": [cell for cell in cells if row.ends or not cell.changed],
        "before": proposals.replaced(row),
        "is_writer": row.writers.filter(pk=request.user.pk).exists(),
        "writers": row.writers.all(),
        "publish_form": publish_form or PublishForm(initial={"revision": row.revision}),
        "now": now,
    }
    if kind.model is DecisionRule:
        context |= matrix_trial.context(request, row, now)
    elif tried_on_tickets.means_something(row):
        context |= promise_trial.context(request, row, now)
    return render(request, "desk/policy_draft.html", context, status=status)


def _title(row: PolicyDraft) -> str:
    return policy_words.title(book.kind(row.kind), row.terms)


def find(kind: Kind, pk: int | str, *, current: bool = False) -> Policy:
    """Return one version of a kind, or 404."""
    if not str(pk).isdecimal() or len(str(pk)) > 18:
        raise Http404
    rows = kind.current() if current else kind.model.objects.select_related("owner", "created_by", "published_by")
    policy = rows.filter(pk=pk).first()
    if policy is None:
        raise Http404
    return policy


def staff_only(request: HttpRequest) -> None:
    if not request.user.roles:
        raise NotAllowed(_("The policies are for the staff."), code="role")
