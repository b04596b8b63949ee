"""The help centre: articles to search and read, whether they helped, and suggestions beside the form (P6.1)."""

import secrets

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helpdesk.portal import limits
from helpdesk.portal.session import remember
from policies import knowledge, readings, rights
from policies.models import Script

VISITOR_COOKIE = "reader"
YEAR = 365 * 86400
RIGHTS = 3
"""Rights that a search shows beside the articles."""


def language() -> str:
    return (translation.get_language() or "en").split("-")[0]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List what customers may read; with `q`, what has these words."""
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]
    texts = knowledge.in_force(public=True).select_related("category")
    found = knowledge.search(texts, asked) if asked else texts.order_by("category__name", "title")
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    matching = rights.search(asked, language()) if asked else {}
    context = {
        "page": page,
        "articles": [_entry(text) for text in page],
        "asked": asked,
        "rights": [(about, cell) for about, cells in matching.items() for cell in cells][:RIGHTS],
    }
    return render(request, "portal/articles.html", context)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article in the reader's language, or say in which one it is."""
    text = knowledge.get(slug, public=True)
    if token := request.GET.get("from", ""):
        readings.opened(token, slug)
    body, really = knowledge.body_in(text, language())
    context = {
        "text": text,
        "title": knowledge.title_in(text, language()),
        "body": body,
        "really": really,
        "another": "" if really == language() else translation.get_language_info(really)["name_local"],
    }
    return render(request, "portal/article.html", context)


@require_POST
def helpful(request: HttpRequest, slug: str) -> HttpResponse:
    """Count whether an article helped, once for each browser."""
    text = knowledge.get(slug, public=True)
    answer = redirect("portal:article", slug)
    if request.POST.get("helped") not in ("yes", "no") or not limits.within(request, "vote", limits.VOTES):
        messages.warning(request, _("That could not be counted. Please try again later."))
        return answer
    visitor = request.COOKIES.get(VISITOR_COOKIE, "")[:64] or secrets.token_urlsafe(24)
    readings.vote(text, visitor, helped=request.POST["helped"] == "yes")
    remember(answer, VISITOR_COOKIE, visitor, YEAR)
    messages.success(request, _("Thank you. That helps us to write better."))
    return answer


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """Return the articles that fit what stands in the form so far."""
    return render(request, "portal/parts/suggestions.html", suggestions(request))


def suggestions(request: HttpRequest) -> dict:
    """Return what the form shows of articles that fit it, and remember that it was shown."""
    token = request.POST.get("token", "")[:64]
    if not limits.within(request, "suggest", limits.SUGGESTIONS):
        return {"suggested": []}
    found = fitting(f"{request.POST.get('subject', '')} {request.POST.get('body', '')}")
    readings.shown(token, [entry["text"].slug for entry in found])
    return {"suggested": found, "token": token}


def fitting(about: str) -> list[dict]:
    """Return the articles that fit what somebody wrote, best first."""
    found = knowledge.suggest(knowledge.in_force(public=True, kinds=[Script.Kind.ARTICLE]), about)
    return [_entry(text) for text in found]


def _entry(text: Script) -> dict:
    really = knowledge.body_in(text, language())[1]
    return {
        "text": text,
        "title": knowledge.title_in(text, language()),
        "language": really,
        "other": "" if really == language() else really,
    }
