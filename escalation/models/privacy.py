"""What a customer asked of their data, and what became of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models import Customer


class PrivacyRequest(models.Model):
    """One erasure or one copy of a customer's data: who did it, why, and what was refused. No row is ever removed."""

    class Kind(models.TextChoices):
        ERASE = "erase", _("erasure")
        COPY = "copy", _("copy of the data")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(_("what"), max_length=5, choices=Kind)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.RUNNING)
    reason = models.TextField(_("on what ground"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty: retention
    asked_at = models.DateTimeField(_("begun"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    refusal = models.TextField(_("what stood in the way"), blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="running", ended_at__isnull=True)
                | ~models.Q(state="running") & models.Q(ended_at__isnull=False),
                name="privacy_request_ended",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(kind="erase", state="running"),
                name="privacy_one_running_erasure",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of customer {self.customer_id}: {self.get_state_display()}"
