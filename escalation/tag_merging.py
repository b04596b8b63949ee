"""Two tags that mean the same become one."""

from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import Trigger
from tickets import house
from tickets.models import HouseChange, Tag, Ticket, User
from tickets.refusals import Conflict, Invalid


@transaction.atomic
def merge(tag: Tag, *, into: Tag, actor: User) -> int:
    """Put INTO on every ticket that bears TAG, and delete TAG; return on how many tickets.

    The trails of the tickets keep the word that was used then; this change is on the record of the house.
    """
    house.require_admin(actor)
    if tag.pk == into.pk:
        raise Invalid(_("A tag cannot be merged into itself."), code="invalid", field="into")
    if rule := Trigger.objects.in_force().filter(tags__contains=tag.slug).first():
        words = _("The rule “%(rule)s” puts this tag on tickets; change the rule first.")
        raise Conflict(words % {"rule": rule.name}, code="in_use", field="into")
    borne = Ticket.tags.through.objects
    count = borne.filter(tag=tag).count()
    borne.filter(tag=tag).exclude(ticket__in=borne.filter(tag=into).values("ticket")).update(tag=into)
    about = f"{tag._meta.verbose_name} {tag.slug}"
    tag.delete()
    house.record(actor, HouseChange.Action.MERGED, about, into=into.slug, tickets=count)
    return count
