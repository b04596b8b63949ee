"""The words of a decision (P4.2), and the latitude in force (P4.1)."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models import Latitude
from tickets.refusals import Conflict


class Problem(models.TextChoices):
    DAMAGE = "damage", _("Damage")
    WRONG_SHIPMENT = "wrong_shipment", _("Wrong shipment")
    RETURN = "return", _("Return")
    PRODUCT_QUESTION = "product_question", _("Product question")
    SERVICE = "service", _("Service")
    PAYMENT = "payment", _("Payment")
    OUT_OF_THE_BOX = "out_of_the_box", _("Out of the box")


class Remedy(models.TextChoices):
    REFUND = "refund", _("Refund")
    STORE_CREDIT = "store_credit", _("Store credit")
    REPLACEMENT = "replacement", _("Replacement")
    REPAIR = "repair", _("Repair")
    APOLOGY = "apology", _("Apology")
    EXPLANATION = "explanation", _("Explanation")


MONEY = {Remedy.REFUND, Remedy.STORE_CREDIT}
"""Remedies that are an amount; others may name what they cost."""


def in_force(at: datetime | None = None) -> Latitude:
    """Return the latitude in force at AT (default: now)."""
    found = Latitude.objects.in_force(at).first()
    if found is None:
        raise Conflict(
            "No latitude to decide is in force; load the starter policies (manage.py starter).", code="no_policy"
        )
    return found
