"""The widgets of nearly every form, written out in Python: as templates they took a quarter of a ticket page's time.

They draw what Django's own templates draw (tests/helpdesk/test_form_widgets.py compares the two); all others are left
to those.
"""

from collections.abc import Callable

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe


class Renderer(DjangoTemplates):
    """Draws forms (FORM_RENDERER)."""

    def render(self, template_name: str, context: dict, request=None) -> SafeString:
        draw = _DRAWN.get(template_name)
        return mark_safe(draw(context["widget"])) if draw else super().render(template_name, context, request)


def _text(value: object) -> str:
    return escape(value if isinstance(value, str) else str(value))


def _attributes(widget: dict) -> str:
    return "".join(
        f" {escape(name)}" if value is True else f' {escape(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: dict) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{escape(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: dict) -> str:
    return (
        f'<textarea name="{escape(widget["name"])}"{_attributes(widget)}>\n{escape(widget["value"] or "")}</textarea>'
    )


def _select(widget: dict) -> str:
    groups = []
    for name, options, _index in widget["optgroups"]:
        drawn = "".join(f"\n  {_option(option)}" for option in options)
        groups.append(f'\n  <optgroup label="{escape(name)}">{drawn}\n  </optgroup>' if name else drawn)
    return f'<select name="{escape(widget["name"])}"{_attributes(widget)}>{"".join(groups)}\n</select>'


def _option(option: dict) -> str:
    return f'<option value="{_text(option["value"])}"{_attributes(option)}>{escape(option["label"])}</option>'


def _ticks(widget: dict) -> str:
    groups = []
    for name, options, _index in widget["optgroups"]:
        drawn = "".join(f"<div>\n    {_tick(option)}</div>" for option in options)
        groups.append(f"\n  <div><label>{escape(name)}</label>{drawn}\n  </div>" if name else drawn)
    named = {key: widget["attrs"][key] for key in ("id", "class") if widget["attrs"].get(key)}
    return f"<div{_attributes({'attrs': named})}>{''.join(groups)}\n</div>"


def _tick(option: dict) -> str:
    if not option["wrap_label"]:
        return _input(option)
    belongs = f' for="{escape(option["attrs"]["id"])}"' if option["attrs"].get("id") else ""
    return f"<label{belongs}>{_input(option)} {escape(option['label'])}</label>"


_INPUTS = ("input", "text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox")
_DRAWN: dict[str, Callable[[dict], str]] = {
    f"django/forms/widgets/{name}.html": draw
    for names, draw in (
        (_INPUTS, _input),
        (("textarea",), _textarea),
        (("select",), _select),
        (("checkbox_select", "radio"), _ticks),
    )
    for name in names
}
