"""What customers made of the articles: votes once a visitor, and forms that were not sent after articles were shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from policies.models import Look, Script, Vote

SETTLED = timedelta(hours=1)
"""How long a form may stay unsent before it counts as not sent."""
KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Deflection:
    """Forms beside which articles were shown, and what became of them."""

    shown: int
    opened: int
    not_sent: int


def vote(text: Script, visitor: str, *, helped: bool) -> None:
    """Count what VISITOR says of TEXT, once; saying otherwise later changes it."""
    Vote.objects.update_or_create(script=text, visitor=visitor[:64], defaults={"helped": helped})


def votes(texts: Iterable[Script]) -> dict[str, tuple[int, int]]:
    """Return by slug how many visitors said that a text helped, and that it did not, over all its versions."""
    slugs = [text.slug for text in texts]
    rows = Vote.objects.filter(script__slug__in=slugs).values("script__slug")
    rows = rows.annotate(yes=Count("pk", filter=Q(helped=True)), no=Count("pk", filter=Q(helped=False)))
    return {row["script__slug"]: (row["yes"], row["no"]) for row in rows}


def shown(token: str, slugs: list[str]) -> None:
    """Remember that articles were shown beside the form TOKEN; those shown before stay remembered."""
    if not token or not slugs:
        return
    try:
        with transaction.atomic():
            Look.objects.create(token=token[:64], shown=slugs)
    except IntegrityError:
        _add("shown", token, slugs)


def opened(token: str, slug: str) -> None:
    """Remember that somebody opened an article from the form TOKEN."""
    _add("opened", token, [slug])


def sent(token: str) -> None:
    """The form was sent all the same."""
    Look.objects.filter(token=token[:64]).update(sent=True)


def deflection(since: datetime, until: datetime) -> Deflection:
    """Count the forms from SINCE until UNTIL; those of the last hour may yet be sent and are left out."""
    looks = Look.objects.filter(at__gte=since, at__lt=until - SETTLED)
    found = looks.aggregate(
        shown=Count("pk"), opened=Count("pk", filter=~Q(opened=[])), not_sent=Count("pk", filter=Q(sent=False))
    )
    return Deflection(**found)


def forget(now: datetime) -> int:
    """Remove looks that are too old to be counted; return how many."""
    return Look.objects.filter(at__lt=now - KEPT).delete()[0]


def _add(column: str, token: str, slugs: list[str]) -> None:
    with transaction.atomic():
        look = Look.objects.select_for_update().filter(token=token[:64]).first()
        if look is None or set(slugs) <= set(getattr(look, column)):
            return
        setattr(look, column, list(dict.fromkeys([*getattr(look, column), *slugs]))[:20])
        look.save(update_fields=[column])
