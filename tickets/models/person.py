"""Staff: people who sign in by e-mail and act in roles."""

from functools import cached_property

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, *, name: str = "", **fields) -> "User":
        """Make a staff account; without a password nobody can sign in to it."""
        if not email:
            raise ValueError("A staff account needs an e-mail address.")
        user = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        """Make an account for Django's admin. It has no role, so it signs nothing."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff. What they may do follows from their roles, which are groups (see `tickets.roles`)."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en-gb")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Rome")
    theme = models.CharField(
        _("theme"),
        max_length=6,
        default="system",
        choices=[("system", _("System")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    density = models.CharField(
        _("lines of lists"),
        max_length=7,
        default="roomy",
        choices=[("roomy", _("Comfortable, 40 px")), ("compact", _("Compact, 32 px"))],
    )
    shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    signature = models.CharField(_("below your replies"), max_length=500, blank=True)
    start_view = models.CharField(_("the desk opens with"), max_length=40, blank=True)
    undo_seconds = models.PositiveSmallIntegerField(
        _("an answer can be taken back for"),
        default=10,
        choices=[(0, _("not at all")), (10, _("10 seconds")), (30, _("30 seconds"))],
    )
    after_sending = models.CharField(
        _("after sending an answer"),
        max_length=4,
        default="stay",
        choices=[
            ("stay", _("stay on the ticket")),
            ("next", _("go to the next in the list")),
            ("list", _("go back to the list")),
        ],
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the raw admin"), default=False)
    joined_on = models.DateField(_("joined on"), db_default=Now())
    left_on = models.DateField(_("left on"), null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(
                condition=models.Q(left_on__isnull=True) | models.Q(left_on__gte=models.F("joined_on")),
                name="user_left_after_joining",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @cached_property
    def roles(self) -> frozenset[str]:
        """Names of the roles this person acts in; none when the account is switched off."""
        if not self.is_active:
            return frozenset()
        return frozenset(self.groups.values_list("name", flat=True))

    def has_role(self, *roles: str) -> bool:
        """Whether the person acts in at least one of ROLES. Superusers get nothing extra (four eyes, P2)."""
        return not self.roles.isdisjoint(roles)
