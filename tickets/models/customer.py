"""The people who complain."""

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """A person who wrote to us, known by their e-mail address. Customers have no account and no password."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language (BCP 47)"), max_length=10, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now())
    erased_at = models.DateTimeField(_("personal data erased"), null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="customer_email_lower")]

    def __str__(self) -> str:
        return self.name or self.email
