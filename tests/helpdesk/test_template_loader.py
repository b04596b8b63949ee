"""Templates are filled in once per language: with what is the same for everybody, and with nothing else."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.template import Context, Engine
from django.urls import NoReverseMatch
from django.utils import translation

from helpdesk import icons, template_loader

WORDS = '{% load i18n static ux %}{% translate "Customer" %} {% icon "met" %} {% url "desk:queue" %}'


@pytest.fixture
def engine():
    def make(**templates: str) -> Engine:
        library = {"i18n": "django.templatetags.i18n", "static": "django.templatetags.static",
                   "ux": "helpdesk.templatetags.ux"}  # fmt: skip
        inner = ("django.template.loaders.locmem.Loader", templates)
        return Engine(libraries=library, loaders=[("helpdesk.template_loader.Loader", [inner])])

    return make


def test_each_language_gets_its_own_words(engine):
    pages = engine(page=WORDS)
    for language, word in (("en-gb", "Customer"), ("it", "Cliente"), ("en-gb", "Customer"), ("pt", "Cliente")):
        with translation.override(language):
            template = pages.get_template("page")
            assert len(template.nodelist) == 2, "the tag `load`, and one text"
            assert template.render(Context()) == (
                f'{word} <svg class="icon" aria-hidden="true">{icons.use("met")}</svg> /desk/'
            )


def test_what_differs_from_page_to_page_is_drawn_for_each(engine):
    page = engine(
        page='{% load i18n ux %}{% for x in them %}{% translate x %} {% icon x %}{% translate "Customer" as y %}'
        '{{ y|upper }}{% url "desk:ticket" x as at %}{% if x == "7" %} {{ at }}'
        '{% url "no:such" %}{% endif %}{% endfor %}'
    ).get_template("page")
    for them in (["<b>"], ["a", "b"]):
        drawn = page.render(Context({"them": them}))
        assert drawn.count("CUSTOMER") == len(them) and "<b>" not in drawn
        assert all(f"#{name}" in drawn for name in them if name.isalpha())
    with pytest.raises(Exception, match="no"):
        page.render(Context({"them": ["7"]}))


def test_parts_and_parents_are_filled_in_as_well(engine):
    pages = engine(
        base='{% load i18n %}{% block a %}{% endblock %} {% if x %}{% translate "Customer" %}{% else %}-{% endif %}',
        page='{% extends "base" %}{% load i18n %}{% block a %}{% include "part" %}{% endblock %}',
        part='{% load i18n %}{% for n in x %}{% translate "Team" context "" %}{{ n }}{% endfor %}',
    )
    with translation.override("it"):
        assert pages.get_template("page").render(Context({"x": "12"})).split() == ["Team1Team2", "Cliente"]


def test_an_address_is_looked_up_once_and_takes_each_number(engine):
    page = engine(
        page='{% load i18n %}{% url "desk:act" n "mine" %} {% url "desk:file" n m %} {% url "desk:ticket" n %}'
    ).get_template("page")
    for n, m in ((7, 1), (7, 7), (10**12, 0)):
        expected = f"/desk/tickets/{n}/do/mine/ /desk/tickets/{n}/files/{m}/ /desk/tickets/{n}/"
        assert page.render(Context({"n": n, "m": m})) == expected
        assert page.render(Context({"n": str(n), "m": m})) == expected
    for wrong in (-1, True, None, "7/../8", 1.5):
        with pytest.raises(NoReverseMatch):
            page.render(Context({"n": wrong, "m": 1}))


def test_a_template_that_another_thread_fills_in_is_waited_for(engine, monkeypatch):
    pages, started, go_on, fill_in = engine(page=WORDS), Event(), Event(), template_loader._fill_in

    def slowly(nodes):
        started.set()
        assert go_on.wait(5)
        fill_in(nodes)

    monkeypatch.setattr(template_loader, "_fill_in", slowly)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(pages.get_template, "page")
        assert started.wait(5)
        second = threads.submit(lambda: len(pages.get_template("page").nodelist))
        with pytest.raises(TimeoutError):
            second.result(timeout=0.1)
        go_on.set()
        assert second.result(5) == len(first.result().nodelist) == 2
