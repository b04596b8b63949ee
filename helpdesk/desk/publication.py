"""What drafts of policies and of rules share on the desk: publication by a second person, and two who edit at once."""

from collections.abc import Callable
from datetime import datetime

from django.forms import BoundField, Form
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpdesk.desk.rule_forms import PublishForm
from policies.models import Draft, Policy
from tickets.clock import database_now
from tickets.refusals import Refusal


def publish(request: HttpRequest, pk: int, verb: Callable[..., Policy]) -> tuple[Policy | None, PublishForm]:
    """Put draft PK in force by VERB; return what is published, or None and the form that says why not."""
    form = PublishForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            published = verb(pk, actor=request.user, revision=said["revision"], now=database_now(), at=said["at"])
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            form.refuse(refusal)
        else:
            return published, form
    return None, form


def done(draft: Draft, policy: Policy, now: datetime) -> str:
    """Say what the publication of DRAFT has done to POLICY: at once, or from which day on."""
    since = policy.valid_until if draft.ends else policy.valid_from
    if policy.was_taken_back or since <= now:
        return _("Withdrawn.") if draft.ends else _("Published.")
    when = {"date": date_format(timezone.localtime(since), "SHORT_DATETIME_FORMAT")}
    return (_("Withdrawn from %(date)s on.") if draft.ends else _("Published; in force from %(date)s on.")) % when


def differences(mine: Form, theirs: Form) -> list[tuple[str, str, str]]:
    """Return label, what is saved, and what was typed, of each field in which two forms differ."""
    pairs = ((theirs[field.name], field) for field in mine.visible_fields() if not field.field.disabled)
    return [(ours.label, _shown(saved), _shown(ours)) for saved, ours in pairs if _shown(saved) != _shown(ours)]


def beside(mine: Form, theirs: Form, revision: int) -> list[tuple[str, str, str]]:
    """Return `differences`, and let what was typed be saved over REVISION, now that these are seen."""
    mine.data = mine.data.copy()
    mine.data[mine.add_prefix("revision")] = revision
    return differences(mine, theirs)


def _shown(field: BoundField) -> str:
    """Return what stands in a field, as its reader knows it."""
    value = field.value()
    values = value if isinstance(value, list | tuple | set) else [value]
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
    words = sorted(labels.get(str(one), str(one)) for one in values if one not in (None, ""))
    return ", ".join(words).replace("\r\n", "\n").strip()
