"""What makes no sense in a version of a policy, kind by kind, refused in words."""

from datetime import timedelta

from django.utils.translation import gettext as _

from policies import floors
from policies.languages import LANGUAGES
from policies.models import Script
from policies.remedies import MONEY
from tickets import roles
from tickets.refusals import Invalid

LONGEST_UNTOLD = timedelta(days=1)
"""How late a customer may hear at most that somebody else must decide their case."""


def floor_limit(columns: dict) -> None:
    floors.check(floors.Terms(columns["limit"], columns["calendar"], columns["warn_share"]))
    if columns["floor"] not in (1, 2, 3):
        raise Invalid(_("Floors are 1, 2 and 3."), code="out_of_range", field="floor")


def response_time(columns: dict) -> None:
    for name in ("first_response", "resolution"):
        if not timedelta(minutes=1) <= columns[name] <= timedelta(days=90):
            raise Invalid(_("Promise between one minute and 90 days."), code="out_of_range", field=name)
    if not timedelta(minutes=1) <= columns["review_told"] <= LONGEST_UNTOLD:
        raise Invalid(_("Promise between one minute and a day."), code="out_of_range", field="review_told")
    if columns["resolution"] < columns["first_response"]:
        raise Invalid(_("The solution cannot come before the first answer."), code="invalid", field="resolution")


def approval_rule(columns: dict) -> None:
    named_roles(columns["roles"], field="roles")
    named_roles(columns["alone"], field="alone", required=False)
    if not 1 <= columns["signatures"] <= 5:
        raise Invalid(_("Between one and five signatures."), code="out_of_range", field="signatures")
    if columns["floor"] not in (None, 1, 2, 3):
        raise Invalid(_("Floors are 1, 2 and 3."), code="out_of_range", field="floor")
    columns["roles"], columns["alone"] = sorted(set(columns["roles"])), sorted(set(columns["alone"]))


TAKEN = ("deflection", "review", "suggest", "use")
"""Words that stand for something else where the addresses of texts have their slug."""


def script(columns: dict) -> None:
    if columns["slug"] in TAKEN:
        raise Invalid(_("This word is taken; choose another one."), code="taken", field="slug")
    texts_by_language(columns["texts"], field="texts", limit=20_000, required=False)
    if not columns["texts"]:
        raise Invalid(_("Write the text in one language at least."), code="required", field="texts")
    if columns["floor"] not in (None, 1, 2, 3):
        raise Invalid(_("Floors are 1, 2 and 3."), code="out_of_range", field="floor")
    if columns["is_public"] and columns["kind"] not in (Script.Kind.ARTICLE, Script.Kind.HANDOUT):
        raise Invalid(
            _("Only articles and handouts are for customers to read."), code="invalid", field="is_public"
        )  # fmt: skip


def wording(columns: dict) -> None:
    for name, limit in (("phrases", 20_000), ("reason", 500), ("better", 500)):
        texts_by_language(columns[name], field=name, limit=limit, required=False)
    for language, phrases in columns["phrases"].items():
        if any(len(phrase) > 80 for phrase in phrases.splitlines()) or len(phrases.splitlines()) > 300:
            raise Invalid(
                _("At most 300 phrases of 80 characters, one a line (%(code)s).") % {"code": language},
                code="too_long", field="phrases", data={"language": language},
            )  # fmt: skip
        for name in ("reason", "better"):
            if not columns[name].get(language):
                raise Invalid(
                    _("Say why it hurts, and what to say instead, in every language that has phrases."),
                    code="required", field=name, data={"language": language},
                )  # fmt: skip


def right(columns: dict) -> None:
    for name in ("you", "we"):
        texts_by_language(columns[name], field=name, limit=2000)
    for name in ("exceptions", "by_channel"):
        texts_by_language(columns[name], field=name, limit=2000, required=False)
    for language, text in columns["by_channel"].items():
        if any(":" not in line for line in text.splitlines()):
            words = _("Write each line as channel: words.")
            raise Invalid(words, code="invalid", field="by_channel", data={"language": language})


def decision_rule(columns: dict) -> None:
    named_roles(columns["roles"], field="roles")
    columns["roles"] = sorted(set(columns["roles"]))
    if columns["up_to"] is None and columns["remedy"] in MONEY:
        raise Invalid(_("A refund or a store credit needs a limit."), code="required", field="up_to")
    if (columns["up_to"] is None) != (not columns["currency"]):
        raise Invalid(_("A limit and its currency go together."), code="required", field="currency")
    for whose in ("customer", "agent"):
        amount, window = columns[f"{whose}_up_to"], columns[f"{whose}_window"]
        if (amount is None) != (window is None):
            raise Invalid(_("A sum and its time go together."), code="required", field=f"{whose}_window")
        if amount is not None and (columns["up_to"] is None or amount < columns["up_to"]):
            raise Invalid(
                _("A sum is at least as large as the limit of one case."), code="invalid", field=f"{whose}_up_to"
            )
    for name in ("window", "customer_window", "agent_window"):
        if columns[name] is not None and not timedelta(minutes=1) <= columns[name] <= timedelta(days=366):
            raise Invalid(_("Between one minute and a year."), code="out_of_range", field=name)


def named_roles(named: list[str], *, field: str, required: bool = True) -> None:
    """Refuse roles that do not exist, and none where one is needed."""
    if required and not named:
        raise Invalid(_("Name at least one role."), code="required", field=field)
    if unknown := sorted(set(named) - set(roles.ALL)):
        raise Invalid(_("There is no role “%(role)s”.") % {"role": unknown[0]}, code="unknown", field=field)


def texts_by_language(texts: dict, *, field: str, limit: int, required: bool = True) -> None:
    """Refuse texts by language in languages that we do not have, empty ones, and too long ones."""
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise Invalid(_("Write texts by language."), code="invalid", field=field)
    if unknown := sorted(set(texts) - set(LANGUAGES)):
        raise Invalid(_("There is no language %(code)s.") % {"code": unknown[0]}, code="unknown", field=field)
    if required and not texts.get("en", "").strip():
        raise Invalid(_("The English text is needed; others may follow."), code="required", field=field)
    if long := [language for language, text in texts.items() if len(text) > limit]:
        words = _("At most %(n)s characters.") % {"n": limit}
        raise Invalid(words, code="too_long", field=field, data={"language": long[0]})
