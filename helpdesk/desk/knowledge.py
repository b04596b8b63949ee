"""The book of approved texts on the desk: browse, search, read; written and published under Policies (P6.1)."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from escalation import suggestions
from helpdesk.desk.policies import staff_only
from metrics import fridays, gaps, script_use
from metrics.fridays import Span
from policies import book, knowledge, life, readings, sightings
from policies.languages import LANGUAGES
from policies.models import Script, Wording
from tickets.clock import database_now

WINDOW = timedelta(days=30)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the texts in force; `q` searches them, `kind` narrows them."""
    staff_only(request)
    now = database_now()
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]
    kind = request.GET.get("kind", "")
    kinds = [kind] if kind in Script.Kind.values else []
    texts = knowledge.in_force(public=False, kinds=kinds)
    found = knowledge.search(texts, asked) if asked else texts.order_by("kind", "title")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    votes = readings.votes(page)
    context = {
        "page": page,
        "rows": [_row(text, votes) for text in page],
        "asked": asked,
        "kind": kind,
        "kinds": Script.Kind.choices,
        "deflection": readings.deflection(now - WINDOW, now),
        "may_write": life.may_write(request.user),
        "today": now.date(),
    }
    return render(request, "desk/knowledge.html", context)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a text in one language; `in` names another."""
    staff_only(request)
    return _page(request, knowledge.get(slug, public=False))


@require_safe
def guidelines(request: HttpRequest) -> HttpResponse:
    """Show how we write (P5.1, P5.2), with the rules about words that are in force."""
    staff_only(request)
    rules = Wording.objects.in_force().exclude(kind__in=(Wording.Kind.ACKNOWLEDGEMENT, Wording.Kind.NEXT_STEP))
    here = _language(request)
    said = [
        {"title": rule.title, "why": rule.reason[here], "better": rule.better.get(here, ""), "pk": rule.pk}
        for rule in rules.order_by("pk")
        if rule.reason.get(here)
    ]
    return _page(request, knowledge.get("language-with-dignity", public=False), rules=said)


@require_safe
def use(request: HttpRequest) -> HttpResponse:
    """Show for one week which texts were used and what followed; `week` names another than this one (P6.2)."""
    staff_only(request)
    current = fridays.of(database_now())
    week = fridays.parse(request.GET["week"]) if "week" in request.GET else current
    span = fridays.span(week)
    context = {
        "uses": script_use.table(span),
        "unhelpful_decisions": suggestions.times_unhelpful(span.start, span.end)[1],
        "week": fridays.name(week),
        "before": fridays.name(week - fridays.WEEK),
        "after": fridays.name(week + fridays.WEEK) if week < current else "",
        "reviews": gaps.reviewers(request.user),
        "may_write": life.may_write(request.user),
    }
    return render(request, "desk/knowledge_use.html", context)


def _page(request: HttpRequest, text: Script, **more) -> HttpResponse:
    here, now = _language(request), database_now()
    sightings.note(book.kind("scripts"), text, request.user, now=now)
    body, really = knowledge.body_in(text, here)
    versions = Script.objects.filter(slug=text.slug).select_related("created_by", "published_by").order_by("-version")
    context = {
        "text": text,
        "title": knowledge.title_in(text, here),
        "body": body,
        "really": really,
        "here": here,
        "languages": [(code, code in text.texts) for code in LANGUAGES],
        "votes": readings.votes([text]).get(text.slug),
        "versions": versions[:50],
        "use": script_use.of(text, Span(now - WINDOW, now)) if text.kind != Script.Kind.PLAYBOOK else None,
        "may_write": life.may_write(request.user),
        "today": now.date(),
    }
    return render(request, "desk/knowledge_text.html", context | more)


def _language(request: HttpRequest) -> str:
    """Return the language to read in: `in`, else the reader's own."""
    wanted = request.GET.get("in", "")
    return wanted if wanted in LANGUAGES else (translation.get_language() or "en").split("-")[0]


def _row(text: Script, votes: dict) -> dict:
    return {
        "text": text,
        "languages": [(code, code in text.texts) for code in LANGUAGES],
        "votes": votes.get(text.slug),
    }
