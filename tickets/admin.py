"""Raw tables for superusers: people and names. Tickets and messages are changed by verbs only, so they are not here."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models import ApiToken, Category, Channel, Customer, Duty, Skills, Tag, Team, User


class SkillsInline(admin.StackedInline):
    model = Skills
    filter_horizontal = ["categories"]


@admin.register(User)
class PersonAdmin(UserAdmin):
    ordering = ["email"]
    list_display = ["email", "name", "is_active", "joined_on", "left_on"]
    list_filter = ["groups", "is_active"]
    search_fields = ["email", "name"]
    filter_horizontal = ["groups"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        (_("Roles"), {"fields": ["groups", "is_active", "is_staff", "is_superuser"]}),
        (_("Preferences"), {"fields": ["language", "time_zone", "theme", "shortcuts", "undo_seconds"]}),
        (_("Employment"), {"fields": ["joined_on", "left_on"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2", "groups"]})]
    inlines = [SkillsInline]


@admin.register(Duty)
class DutyAdmin(admin.ModelAdmin):
    """Who is on duty; an administrator may send home whoever forgot to say so."""

    list_display = ["user", "on_duty", "changed_at", "seen_at", "given_at"]
    list_filter = ["on_duty"]
    list_select_related = ["user"]
    readonly_fields = ["user", "on_duty", "changed_at", "seen_at", "given_at"]
    actions = ["send_home"]

    @admin.action(description=_("Put the selected people off duty"))
    def send_home(self, request, queryset):
        queryset.filter(on_duty=True).update(on_duty=False, changed_at=Now())

    def has_add_permission(self, request):
        return False


class NamedAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Team)
class TeamAdmin(NamedAdmin):
    list_display = ["name", "slug", "auto_assign"]
    filter_horizontal = ["members"]


@admin.register(Channel)
class ChannelAdmin(NamedAdmin):
    list_display = ["name", "slug", "team"]


admin.site.register(Category, NamedAdmin)
admin.site.register(Tag, NamedAdmin)


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "language"]
    search_fields = ["email", "name"]

    def has_delete_permission(self, request, obj=None):
        return False  # a customer is part of the record of their tickets


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Who holds which token; a token is made by `manage.py create_token` and withdrawn here."""

    list_display = ["prefix", "user", "name", "may_sign", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "name", "prefix"]
    readonly_fields = ["user", "name", "prefix", "may_sign", "created_at", "last_used_at", "expires_at", "revoked_at"]
    actions = ["withdraw"]

    @admin.action(description=_("Withdraw the selected tokens at once"))
    def withdraw(self, request, queryset):
        queryset.filter(revoked_at__isnull=True).update(revoked_at=Now())

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
