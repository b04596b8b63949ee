"""How customers, who have no password, show that an e-mail address is theirs."""

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from tickets.models.customer import Customer


class SignInLink(models.Model):
    """A wish to sign in with an address, known to us or not, and the one-time link that answers it.

    The secret is made when the letter is written and only its hash is kept. `browser` is the hash of what the browser
    that asked was given to remember.
    """

    email = models.EmailField(_("e-mail"))
    language = models.CharField(_("language (BCP 47)"), max_length=10, blank=True)
    browser = models.CharField(_("SHA-256, hex"), max_length=64, blank=True)
    digest = models.CharField(_("SHA-256, hex"), max_length=64, null=True, blank=True, unique=True)
    asked_at = models.DateTimeField(_("asked"), db_default=Now())
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    ended_at = models.DateTimeField(_("used or replaced"), null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in link")
        verbose_name_plural = _("sign-in links")
        indexes = [models.Index(fields=["email", "asked_at"], name="sign_in_asked")]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="sign_in_email_lower"),
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(digest__isnull=False, ended_at__isnull=True),
                name="sign_in_one_live_link",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.asked_at:%Y-%m-%d %H:%M}"


class CustomerSession(models.Model):
    """A browser in which a customer is signed in; the row ends with the sign-out. Only the hash of its word is kept."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="sessions")
    digest = models.CharField(_("SHA-256, hex"), max_length=64, unique=True)
    expires_at = models.DateTimeField(_("ends"))

    class Meta:
        verbose_name = _("session of a customer")
        verbose_name_plural = _("sessions of customers")
        indexes = [models.Index(fields=["expires_at"], name="customer_session_ends")]

    def __str__(self) -> str:
        return f"{self.customer} until {self.expires_at:%Y-%m-%d %H:%M}"
