"""Teams, channels, categories, tags and macros: their names, who is in a team, what a macro does, merging tags."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from escalation import macros, tag_merging
from escalation.models import Macro
from helpdesk import mailing
from helpdesk.desk.house import page, paged
from helpdesk.desk.policy_forms import SpanField, span
from helpdesk.portal.forms import CarriesRefusals
from policies import knowledge
from policies.models import Script
from tickets import house, names
from tickets.models import Tag, User
from tickets.models.team import Named
from tickets.refusals import Invalid, Refusal
from tickets.sorting import BY_NAME, Plain

TITLES = {
    "teams": (gettext_lazy("Teams"), gettext_lazy("New team")),
    "channels": (gettext_lazy("Channels"), gettext_lazy("New channel")),
    "categories": (gettext_lazy("Categories"), gettext_lazy("New category")),
    "tags": (gettext_lazy("Tags"), gettext_lazy("New tag")),
    "macros": (gettext_lazy("Macros"), gettext_lazy("New macro")),
}
KINDS = names.KINDS | {"macros": Macro}


class NameForm(CarriesRefusals, forms.ModelForm):
    """The fields of one kind; the short name is given once, since rules and addresses use it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in list(self.fields.items()):
            field.label = _(field.label)  # what points to another row is named as that is
            if isinstance(field, forms.DurationField):
                self.fields[name] = SpanField(label=field.label, hint=field.help_text)
                self.initial[name] = span(self.initial[name])
            elif isinstance(field, forms.ModelChoiceField) and field.empty_label:
                field.empty_label = _("Choose") if field.required else _("None")
            elif isinstance(field, forms.ChoiceField) and field.choices[0][0] == "":
                field.choices = [("", _("None")), *field.choices[1:]]
        if self.instance.pk:
            del self.fields["slug"]
        else:
            self.fields["slug"].label = _("Short name")
        staff = User.objects.filter(is_active=True).order_by(*BY_NAME)
        if "members" in self.fields:
            self.fields["members"] = forms.ModelMultipleChoiceField(
                label=_("Members"), queryset=staff, required=False, widget=forms.CheckboxSelectMultiple
            )
        if "script" in self.fields:
            texts = knowledge.in_force(public=False).filter(kind=Script.Kind.REPLY).order_by("title")
            label, choices = self.fields["script"].label, [("", _("none")), *texts.values_list("slug", "title")]
            self.fields["script"] = forms.ChoiceField(label=label, choices=choices, required=False)
            self.fields["keeper"].queryset = staff
            self.fields["tags"].widget = forms.CheckboxSelectMultiple(choices=self.fields["tags"].choices)


def form_class(kind: str) -> type[NameForm]:
    """Return the form of KIND."""
    fields = {
        "teams": ["name", "slug", "auto_assign", "tell_after", "idle_after", "members"],
        "channels": ["name", "slug", "team"],
        "macros": [
            "name", "slug", "tags", "category", "team", "owner", "script", "wait", "snooze", "keeper", "is_offered",
        ],
    }.get(kind, ["name", "slug"])  # fmt: skip
    return forms.modelform_factory(KINDS[kind], form=NameForm, fields=fields)


@require_safe
def show(request: HttpRequest, kind: str) -> HttpResponse:
    """List what there is of a kind, with how many tickets use each."""
    house.require_admin(request.user)
    rows = _model(kind).objects.order_by(Plain("name"))
    if kind == "teams":
        rows = rows.annotate(people=Count("members"))
    if kind == "channels":
        rows = rows.select_related("team")
    if kind == "macros":
        rows = rows.select_related("team", "category", "keeper").prefetch_related("tags")
    title, new = TITLES[kind]
    shown = paged(request, rows)
    if kind == "macros":
        for row in shown:
            row.effects = macros.effects(row)
    context = {"kind": kind, "title": title, "new": new, "page": shown}
    if kind == "channels":
        context |= {"sender": settings.DEFAULT_FROM_EMAIL, "server": mailing.server()}
    return page(request, "desk/house_names.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Make one (`new`) or change it; delete it when nothing uses it; merge a tag into another one."""
    house.require_admin(request.user)
    model = _model(kind)
    row = model() if slug == "new" else get_object_or_404(model, slug=slug)
    first = {"keeper": request.user} if kind == "macros" and not row.pk else {}
    form, status = form_class(kind)(request.POST or None, instance=row, initial=first), 200
    if request.method == "POST":
        status = 422
        try:
            if said := _do(request, kind, row, form):
                messages.success(request, said)
                cache.delete("desk-filter-names")
                return redirect("desk:names", kind)
        except Refusal as refusal:
            status = refusal.status
            form.refuse(refusal) if form.is_bound and "do" not in request.POST else messages.error(
                request, str(refusal.detail)
            )
    context = {"kind": kind, "row": row, "form": form, "title": row.name or TITLES[kind][1]}
    if row.pk:
        context["changes"] = names.changes(row)[:10]
    if isinstance(row, Tag) and row.pk:
        context["others"] = Tag.objects.exclude(pk=row.pk)
        context["borne"] = row.tickets.count()
    return page(request, "desk/house_name.html", context, status=status)


def _do(request: HttpRequest, kind: str, row: Named, form: NameForm) -> str:
    """Do what the form asks for and return what to say; '' when something is missing in it."""
    do = request.POST.get("do", "")
    if do in {"delete", "merge"} and request.POST.get("typed", "").strip() != row.slug:
        raise Invalid(_("Type %(slug)s to confirm.") % {"slug": row.slug}, code="typed", field="typed")
    if do == "delete":
        names.delete(row, actor=request.user)
        return _("Deleted.")
    if do == "merge" and kind == "tags":
        into = get_object_or_404(Tag, slug=request.POST.get("into", ""))
        count = tag_merging.merge(row, into=into, actor=request.user)
        words = ngettext("Merged; %(n)s ticket bore it.", "Merged; %(n)s tickets bore it.", count)
        return words % {"n": count}
    if not form.is_valid():
        return ""
    data = form.cleaned_data
    if kind == "macros":
        macros.store(form.instance, actor=request.user, tags=list(data["tags"]))
    else:
        lists = {"members": list(data["members"])} if "members" in data else None
        names.store(form.instance, actor=request.user, lists=lists)
    return _("Saved.")


def _model(kind: str):
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]
