"""Widgets written out in Python say the same as Django's own templates, whatever people typed."""

from datetime import date

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from helpdesk.form_widgets import Renderer

HOSTILE = "\"><script>alert('&amp;')</script>"
GROUP = [("a", "A"), ("b", mark_safe("<i>"))]
CHOICES = [("", "—"), (1, HOSTILE), (HOSTILE, gettext_lazy("Customer")), ("Group <b>", GROUP)]
WIDGETS = [
    forms.TextInput({"maxlength": 20, "required": True, "disabled": False, "data-x": HOSTILE}),
    forms.NumberInput({"min": 1000}),
    forms.EmailInput(),
    forms.URLInput(),
    forms.PasswordInput(render_value=True),
    forms.HiddenInput(),
    forms.DateInput({"type": "date"}),
    forms.DateTimeInput(),
    forms.TimeInput(),
    forms.CheckboxInput(),
    forms.Textarea({"rows": 3}),
    forms.Select(choices=CHOICES),
    forms.SelectMultiple(choices=CHOICES),
    forms.RadioSelect(choices=CHOICES),
    forms.CheckboxSelectMultiple({"class": "x", "id": "some"}, choices=CHOICES),
    forms.FileInput(),
]  # fmt: skip


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", [None, "", HOSTILE, 1234567, True, date(2026, 11, 22), ["a", HOSTILE]], ids=repr)
def test_a_widget_is_what_django_draws(widget, value):
    drawn = [widget.render(HOSTILE, value, {"id": "some"}, renderer=one) for one in (Renderer(), DjangoTemplates())]
    if hasattr(widget, "choices"):  # line breaks between options are nothing that anybody sees
        drawn = ["".join(one.split()) for one in drawn]
    assert drawn[0] == drawn[1]
    assert "<script>" not in drawn[0]
