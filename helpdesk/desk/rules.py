"""The rules that send tickets to a floor: those in force, drafts, a test box, a trial on last week, publication."""

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from escalation import access, trial
from helpdesk.desk import publication, rule_words
from helpdesk.desk.rule_forms import DraftForm, PublishForm, TestForm
from policies import drafts, life, triggers
from policies.models import Trigger, TriggerDraft
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.refusals import NotAllowed, Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List the rules in their order with the drafts; a posted message is put to them, and changes nothing."""
    if not request.user.roles:
        raise NotAllowed(_("The rules are for the staff."), code="role")
    now = database_now()
    form = TestForm(request.POST or None)
    asked = form.is_valid() if request.method == "POST" else False
    current = triggers.in_force(now)
    coming = Trigger.objects.standing(now).filter(valid_from__gt=now).select_related("team", "published_by")
    findings, faults = _test(form.cleaned_data, current) if asked else ([], [])
    context = {
        "rules": [(rule, rule_words.sentence(rule)) for rule in _with_faults(current)],
        "coming": [(rule, rule_words.sentence(rule)) for rule in coming],
        "drafts": [(draft, rule_words.sentence(draft)) for draft in TriggerDraft.objects.select_related("author")],
        "may_write": life.may_write(request.user),
        "form": form,
        "asked": asked,
        "findings": [(finding, rule_words.effects(finding.trigger)) for finding in findings],
        "faults": faults,
        "now": now,
    }
    return render(request, "desk/rules.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Draft a new rule, or the next version of the one named in the address."""
    _writers_only(request)
    slug = request.GET.get("from", "")
    rule = Trigger.objects.filter(slug=slug[:60], valid_until__isnull=True).first() if slug else None
    if slug and rule is None:
        raise Http404
    if rule and request.method != "POST" and (there := TriggerDraft.objects.filter(slug=rule.slug).first()):
        messages.info(request, _("There is a draft of this rule already; go on with that one."))
        return redirect("desk:rule_draft", there.pk)
    form = DraftForm(request.POST or None, initial=DraftForm.initial_of(rule) if rule else None)
    form.open_at(request)
    if request.method == "POST" and form.is_valid():
        try:
            draft = drafts.begin(
                actor=request.user,
                slug=rule.slug if rule else form.new_slug,
                terms=form.terms(),
                now=database_now(),
            )
        except Refusal as refusal:
            if refusal.code == "draft_exists":
                return _both(request, refusal.data["draft"], form)
            form.refuse(refusal)
        else:
            return redirect("desk:rule_draft", draft.pk)
    return render(request, "desk/rule_draft.html", {"form": form, "rule": rule}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft with its last trial, and take a change of it."""
    _writers_only(request)
    row = drafts.get(pk)
    form = DraftForm(request.POST or None, initial=DraftForm.initial_of(row))
    form.open_at(request)
    if request.method == "POST" and form.is_valid():
        try:
            drafts.save(
                pk,
                actor=request.user,
                terms=form.terms(),
                revision=form.cleaned_data["revision"] or 0,
                now=database_now(),
            )
        except Refusal as refusal:
            if refusal.code == "stale":
                return _both(request, pk, form)
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved. Try it on last week's tickets before it is published."))
            return redirect("desk:rule_draft", pk)
    return _draft_page(request, row, form, status=400 if form.errors else 200)


@require_POST
def end(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft the withdrawal of a rule; it takes a second person like any change."""
    made = drafts.begin(actor=request.user, slug=slug, terms={}, now=database_now(), ends=True)
    return redirect("desk:rule_draft", made.pk)


@require_POST
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Run the draft over last week's tickets."""
    _writers_only(request)
    row, now = drafts.get(pk), database_now()
    found = trial.run(row, now=now)
    drafts.note_trial(pk, actor=request.user, revision=row.revision, found=found.as_dict(), now=now)
    return redirect("desk:rule_draft", pk)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a tried draft in force, as the second person."""
    _writers_only(request)
    rule, form = publication.publish(request, pk, drafts.publish)
    if rule is None:
        row = drafts.get(pk)
        return _draft_page(request, row, DraftForm(initial=DraftForm.initial_of(row)), publish_form=form, status=409)
    messages.success(request, _("Published: %(rule)s.") % {"rule": rule})
    return redirect("desk:rules")


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    drafts.discard(pk, actor=request.user)
    messages.success(request, _("The draft is gone. Nothing in force has changed."))
    return redirect("desk:rules")


def _both(request: HttpRequest, pk: int, form: DraftForm) -> HttpResponse:
    """Show the draft that somebody else has saved beside what was typed here; saving again keeps what was typed."""
    row = drafts.get(pk)
    differ = publication.beside(form, DraftForm(initial=DraftForm.initial_of(row)), row.revision)
    return _draft_page(request, row, form, differ=differ, status=409)


def _draft_page(
    request: HttpRequest,
    row: TriggerDraft,
    form: DraftForm,
    *,
    publish_form: PublishForm | None = None,
    differ: Sequence[tuple[str, str, str]] = (),
    status: int,
) -> HttpResponse:
    listed = row.trial.get("listed", [])
    numbers = [line["number"] for line in listed]
    visible = access.visible_to(request.user, Ticket.objects.filter(pk__in=numbers)).in_bulk()
    context = {
        "form": form,
        "draft": row,
        "differ": differ,
        "sentence": rule_words.sentence(row),
        "is_writer": row.writers.filter(pk=request.user.pk).exists(),
        "publish_form": publish_form or PublishForm(initial={"revision": row.revision}),
        "trial": row.trial,
        "load": sorted(row.trial.get("load", {}).items()),
        "listed": [
            (visible[line["number"]], line, rule_words.trial_effects(line["effects"]))
            for line in listed
            if line["number"] in visible
        ],
        "hidden": sum(number not in visible for number in numbers),
        "now": timezone.now(),
    }
    return render(request, "desk/rule_draft.html", context, status=status)


def _test(data: dict, current: list[Trigger]) -> tuple[list[triggers.Finding], list[str]]:
    """Put what the test box holds to the rules; return what fires, and which rules could not answer."""
    customer = {name: data[name] or 0 for name in ("earlier_tickets", "strikes", "lifetime_value")}
    reading = triggers.Reading(
        text=data["text"],
        channel=data["channel"].slug if data["channel"] else "",
        order_value=data["value"],
        order_currency=(data["currency"].upper() or settings.CURRENCY) if data["value"] is not None else "",
        order_products=tuple(word.strip() for word in data["products"].split(",") if word.strip()),
        history=lambda: customer | {"lifetime_value": Decimal(customer["lifetime_value"])},
    )
    faults: list[str] = []
    rules = trial.rules_with(data["draft"], current) if data["draft"] else current
    found = triggers.read(rules, reading, on_fault=lambda rule, why: faults.append(f"{rule.name}: {why}"))
    return found, faults


def _with_faults(current: list[Trigger]) -> list[Trigger]:
    """Return the rules with what went wrong with them and who answers for them."""
    kept = Trigger.objects.select_related("team", "owner", "published_by", "fault").in_bulk([r.pk for r in current])
    return [kept[rule.pk] for rule in current if rule.pk in kept]


def _writers_only(request: HttpRequest) -> None:
    if not life.may_write(request.user):
        raise NotAllowed(_("Rules are written by policy owners and administrators."), code="role")
