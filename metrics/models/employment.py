"""Staff seen as employees: since when, until when. The turnover of P8 is read from here."""

from django.utils.translation import gettext_lazy as _

from tickets.models import User


class Employment(User):
    """A person's first and last day (`joined_on`, `left_on`), for whoever keeps the staff list."""

    class Meta:
        proxy = True
        verbose_name = _("employment")
        verbose_name_plural = _("employment dates")
