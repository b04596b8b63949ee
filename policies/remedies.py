"""The words of a decision (P4.2): what went wrong, and what is done about it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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


MONEY = frozenset({Remedy.REFUND, Remedy.STORE_CREDIT})
"""Remedies that are an amount; others may name what they cost."""
