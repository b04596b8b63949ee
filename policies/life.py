"""The life that every policy has: drafted, compared, published by a second person, in force from a date, superseded.

Rules for tickets (`policies.drafts`) are tried on past tickets on the way; all other kinds go through
`policies.proposals`. Both take these same steps.
"""

from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from policies import succession
from policies.models import Draft, Policy
from tickets.models import User
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound
from tickets.roles import ADMIN, POLICY_OWNER

FARTHEST = timedelta(days=366)
"""How far ahead a policy may be put in force."""

REVIEWED_AFTER = timedelta(days=90)
"""When a policy is looked at again unless its draft says otherwise: every quarter (P3.3)."""

LOOKED_AT_WITHIN = timedelta(days=3653)


def may_write(user: User) -> bool:
    return user.has_role(POLICY_OWNER, ADMIN)


def require_writer(actor: User) -> None:
    if not may_write(actor):
        raise NotAllowed(_("Policies are written by policy owners and administrators."), code="role")


def owners() -> QuerySet[User]:
    """Return who may answer for a policy."""
    return User.objects.filter(groups__name__in=(POLICY_OWNER, ADMIN), is_active=True).distinct()


def require_days(review_on: date | None, now: datetime, *, field: str = "review_on") -> None:
    """Refuse a day of review that is over, or so far away that nobody would look again."""
    today = timezone.localdate(now)
    if review_on is not None and not today <= review_on <= today + LOOKED_AT_WITHIN:
        raise Invalid(
            _("The day of review lies between today and ten years from now."), code="out_of_range", field=field
        )


def locked(drafts: QuerySet, pk: int):
    """Return a draft with its row locked."""
    draft = drafts.select_for_update(of=("self",)).select_related("author").filter(pk=pk).first()
    if draft is None:
        raise no_such_draft()
    return draft


def no_such_draft() -> NotFound:
    return NotFound(_("There is no such draft."), code="not_found")


def save(draft: Draft, *, revision: int, actor: User, now: datetime) -> None:
    """Store a changed, locked draft that was still at REVISION, and remember ACTOR among those who wrote on it."""
    if draft.revision != revision:
        raise Conflict(
            _("%(who)s saved version %(n)s of this draft at %(time)s. Look at it again.")
            % {
                "who": draft.author,
                "n": draft.revision,
                "time": date_format(timezone.localtime(draft.saved_at), "TIME_FORMAT"),
            },
            code="stale",
            data={"draft": draft.pk},
        )
    draft.revision += 1
    draft.author, draft.saved_at = actor, now
    draft.save()
    draft.writers.add(actor)


def require_publisher(draft: Draft, *, revision: int, actor: User) -> None:
    """Refuse a publication of something else than what was looked at, or by somebody who wrote on it."""
    require_writer(actor)
    if draft.revision != revision:
        raise Conflict(_("This draft was changed meanwhile. Look at it again."), code="stale")
    if draft.writers.filter(pk=actor.pk).exists():
        raise NotAllowed(_("You wrote on this draft, so somebody else must publish it."), code="four_eyes")


def start(at: datetime | None, now: datetime) -> datetime:
    """Return when a publication takes effect: AT, or NOW."""
    if at is not None and not now <= at <= now + FARTHEST:
        raise Invalid(_("A policy comes into force now or within a year."), code="out_of_range", field="at")
    return at or now


def put_in_force(
    versions: QuerySet[Policy], draft: Draft, successor: Policy, *, actor: User, start: datetime, now: datetime
) -> Policy:
    """Publish SUCCESSOR, which DRAFT describes, as the next of VERSIONS, or end the last one; the draft is gone.

    A version that was to begin later gives way to what begins before it; to withdraw it takes back only itself.
    """
    current = versions.select_for_update(no_key=True).filter(valid_until__isnull=True).first()
    if (current and current.pk) != draft.replaces_id:
        raise Conflict(_("The rule was changed since this draft was begun. Draft it anew."), code="stale")
    is_to_come = bool(current) and current.is_to_come(now)
    if current and not is_to_come:
        start = max(start, current.valid_from + succession.TICK)
    if draft.ends:
        if is_to_come:
            succession.take_back(versions, current)
        else:
            succession.end_at(versions, start)
        current.refresh_from_db(fields=["valid_until"])
        draft.delete()
        return current
    if successor.owner_id is None:
        successor.owner_id = current.owner_id if current and current.owner_id else draft.author_id
    successor.review_on = successor.review_on or (start + REVIEWED_AFTER).date()
    successor.created_by, successor.created_at = draft.author, draft.saved_at
    successor.published_by, successor.published_at = actor, now
    succession.follow(versions, successor, start=start)
    draft.delete()
    return successor
