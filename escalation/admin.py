"""Raw view of what the outbox owes, for superusers, to read only; the desk's page *Undelivered* sends again."""

from django.contrib import admin

from escalation.models import OutboxMessage


@admin.register(OutboxMessage)
class OutboxAdmin(admin.ModelAdmin):
    list_display = ["topic", "ticket_id", "created_at", "attempts", "sent_at", "parked_at", "withdrawn", "last_error"]
    list_filter = ["topic", ("parked_at", admin.EmptyFieldListFilter), ("sent_at", admin.EmptyFieldListFilter)]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
