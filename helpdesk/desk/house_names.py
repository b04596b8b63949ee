"""Teams, channels, categories and tags: their names, who is in a team, which team owns a channel, merging tags."""

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from escalation import tag_merging
from helpdesk.desk.house import page, paged
from helpdesk.portal.forms import CarriesRefusals
from tickets import house, names
from tickets.models import Channel, Tag, Team, User
from tickets.refusals import Invalid, Refusal

TITLES = {
    "teams": (gettext_lazy("Teams"), gettext_lazy("New team")),
    "channels": (gettext_lazy("Channels"), gettext_lazy("New channel")),
    "categories": (gettext_lazy("Categories"), gettext_lazy("New category")),
    "tags": (gettext_lazy("Tags"), gettext_lazy("New tag")),
}


class NameForm(CarriesRefusals, forms.ModelForm):
    """The fields of one kind; the short name is given once, since rules and addresses use it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["slug"]
        if "members" in self.fields:
            staff = User.objects.filter(is_active=True).order_by("name", "email")
            self.fields["members"] = forms.ModelMultipleChoiceField(
                label=_("Members"), queryset=staff, required=False, widget=forms.CheckboxSelectMultiple
            )


def form_class(kind: str) -> type[NameForm]:
    """Return the form of KIND."""
    fields = {
        "teams": ["name", "slug", "auto_assign", "tell_after", "idle_after", "members"],
        "channels": ["name", "slug", "team"],
    }.get(kind, ["name", "slug"])
    return forms.modelform_factory(names.KINDS[kind], form=NameForm, fields=fields)


@require_safe
def show(request: HttpRequest, kind: str) -> HttpResponse:
    """List what there is of a kind, with how many tickets use each."""
    house.require_admin(request.user)
    rows = _model(kind).objects.order_by("name")
    if kind == "teams":
        rows = rows.annotate(people=Count("members"))
    if kind == "channels":
        rows = rows.select_related("team")
    title, new = TITLES[kind]
    context = {"kind": kind, "title": title, "new": new, "page": paged(request, rows)}
    return page(request, "desk/house_names.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Make one (`new`) or change it; delete it when nothing uses it; merge a tag into another one."""
    house.require_admin(request.user)
    model = _model(kind)
    row = model() if slug == "new" else get_object_or_404(model, slug=slug)
    form, status = form_class(kind)(request.POST or None, instance=row), 200
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
    if isinstance(row, Tag) and row.pk:
        context["others"] = Tag.objects.exclude(pk=row.pk)
        context["borne"] = row.tickets.count()
    return page(request, "desk/house_name.html", context, status=status)


def _do(request: HttpRequest, kind: str, row: Team | Channel | Tag, form: NameForm) -> str:
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
    members = list(form.cleaned_data["members"]) if "members" in form.cleaned_data else None
    names.store(form.instance, actor=request.user, members=members)
    return _("Saved.")


def _model(kind: str):
    if kind not in names.KINDS:
        raise Http404
    return names.KINDS[kind]
