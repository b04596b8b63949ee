"""Raw view of the policies for superusers. Read only: a policy is superseded by a verb, never edited or deleted."""

from django.contrib import admin

from policies.models import (
    ApprovalRule,
    Calendar,
    DecisionRule,
    Delegation,
    FloorLimit,
    ResponseTime,
    Right,
    Script,
    Trigger,
    Wording,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(FloorLimit)
class FloorLimitAdmin(ReadOnlyAdmin):
    list_display = ["floor", "channel", "category", "limit", "calendar", "team", "version", "valid_from", "valid_until"]


@admin.register(Calendar)
class CalendarAdmin(ReadOnlyAdmin):
    list_display = ["name", "zone", "country", "subdivision", "version", "valid_from", "valid_until"]


@admin.register(Trigger)
class TriggerAdmin(ReadOnlyAdmin):
    list_display = ["name", "risk", "floor", "min_order_value", "version", "valid_from", "valid_until"]


@admin.register(Script)
class ScriptAdmin(ReadOnlyAdmin):
    list_display = ["title", "floor", "version", "valid_from", "valid_until"]


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(ReadOnlyAdmin):
    list_display = ["kind", "floor", "amount_from", "roles", "signatures", "version", "valid_from", "valid_until"]


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin):
    list_display = ["absent", "deputy", "kind", "starts_at", "ends_at", "ended_at", "made_by"]


admin.site.register(DecisionRule, ReadOnlyAdmin)
admin.site.register(Right, ReadOnlyAdmin)
admin.site.register(ResponseTime, ReadOnlyAdmin)
admin.site.register(Wording, ReadOnlyAdmin)
