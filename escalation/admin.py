"""Raw view of what the outbox owes, for superusers: read, and send what was given up again."""

from django.contrib import admin
from django.db.models.functions import Now

from escalation.models import OutboxMessage


@admin.register(OutboxMessage)
class OutboxAdmin(admin.ModelAdmin):
    list_display = ["topic", "ticket_id", "created_at", "attempts", "sent_at", "parked_at", "last_error"]
    list_filter = ["topic", ("parked_at", admin.EmptyFieldListFilter), ("sent_at", admin.EmptyFieldListFilter)]
    actions = ["send_again"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return obj is None  # the list and its action; a row itself is not edited

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description="Send again what was given up")
    def send_again(self, request, queryset):
        count = queryset.filter(parked_at__isnull=False, sent_at__isnull=True).update(
            parked_at=None, attempts=0, next_attempt_at=Now()
        )
        self.message_user(request, f"{count} messages will be tried again.")
