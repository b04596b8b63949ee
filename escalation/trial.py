"""What a drafted rule would have done to last week's tickets. Nothing is moved, flagged or told to anybody."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.db.models import Min

from escalation import history, rules
from policies import triggers
from policies.models import Trigger, TriggerDraft
from policies.triggers import Finding, Occasion
from tickets.models import Message, Ticket

LAST = timedelta(days=7)
MOST_TICKETS = 5000
"""The newest tickets of the week that are read; if there are more, the result says so."""

MOST_SECONDS = 15
"""After so long the trial stops with what it has read; it says so, too."""

MOST_LISTED = 200


@dataclass
class Elsewhere:
    """One ticket that would have fared differently: highest floor by rule before and with the draft, and why."""

    number: int
    before: int
    after: int
    words: list[str]
    effects: list[str]


@dataclass
class Result:
    """What a trial found. `load` maps a floor to tickets sent there by rules: (now, with the draft)."""

    since: str
    tickets: int = 0
    messages: int = 0
    left_out: int = 0
    fired: int = 0
    elsewhere: int = 0
    load: dict[str, list[int]] = field(default_factory=lambda: {floor: [0, 0] for floor in "123"})
    listed: list[Elsewhere] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def as_dict(self) -> dict:
        return asdict(self)


def run(draft: TriggerDraft, *, now: datetime) -> Result:
    """Read the arrivals and customers' messages of the last seven days with the rules in force, and with DRAFT."""
    today = triggers.in_force(now)
    drafted = rules_with(draft, today)
    result = Result(since=(now - LAST).isoformat())
    recent = Message.objects.filter(author__isnull=True, created_at__gt=now - LAST, created_at__lte=now)
    numbers = list(recent.order_by("-ticket_id").values_list("ticket_id", flat=True).distinct()[: MOST_TICKETS + 1])
    if len(numbers) > MOST_TICKETS:
        numbers = numbers[:MOST_TICKETS]
        result.left_out = recent.values("ticket_id").distinct().count() - MOST_TICKETS
    began = time.monotonic()
    for start in range(0, len(numbers), 500):
        if time.monotonic() - began > MOST_SECONDS:
            result.left_out += len(numbers) - start
            break
        _read_some(numbers[start : start + 500], since=now - LAST, now=now, today=today, drafted=drafted, result=result)
    return result


def rules_with(draft: TriggerDraft, today: Iterable[Trigger]) -> list[Trigger]:
    """Return the rules of TODAY with DRAFT in place of what it replaces, in their order."""
    others = [rule for rule in today if rule.slug != draft.slug]
    if not draft.ends:
        others.append(draft.as_trigger())
    return sorted(others, key=lambda rule: (rule.position, -(rule.floor or 0), rule.slug))


def _read_some(numbers: list[int], *, since, now, today, drafted, result: Result) -> None:
    tickets = Ticket.objects.select_related("channel", "category").prefetch_related("tags").in_bulk(numbers)
    said: dict[int, list[Message]] = {}
    messages = Message.objects.filter(
        ticket__in=numbers, author__isnull=True, created_at__gt=since, created_at__lte=now
    )
    for message in messages.order_by("ticket_id", "created_at", "id"):
        said.setdefault(message.ticket_id, []).append(message)
    firsts = dict(
        Message.objects.filter(ticket__in=numbers, author__isnull=True)
        .values("ticket_id")
        .annotate(first=Min("id"))
        .values_list("ticket_id", "first")
    )
    result.tickets += len(numbers)
    for number in numbers:
        found = [], []
        for message in said.get(number, []):
            reading = _reading(tickets[number], message, arrival=message.pk == firsts[number])
            for each, ruleset in zip(found, (today, drafted), strict=True):
                each.extend(triggers.read(ruleset, reading, on_fault=lambda rule, why: _fault(result, rule, why)))
            result.messages += 1
        _compare(number, *found, result=result)


def _reading(ticket: Ticket, message: Message, *, arrival: bool) -> triggers.Reading:
    text = f"{ticket.subject}\n{message.body}" if arrival else message.body
    occasion = Occasion.ARRIVAL if arrival else Occasion.MESSAGE
    reading = rules.reading_of(ticket, text=text, occasion=occasion, now=message.created_at)
    reading.tags = lambda: tuple(tag.slug for tag in ticket.tags.all())
    reading.history = lambda: history.of_customer(ticket, now=message.created_at)
    return reading


def _compare(number: int, before: list[Finding], after: list[Finding], *, result: Result) -> None:
    floors = rules.floor_named_by(before), rules.floor_named_by(after)
    for column, floor in enumerate(floors):
        result.load[str(floor)][column] += 1
    drafted = [finding for finding in after if finding.trigger.pk is None]
    result.fired += bool(drafted)
    effects = _effects(after) ^ _effects(before)
    if floors[0] == floors[1] and not effects:
        return
    result.elsewhere += 1
    if len(result.listed) < MOST_LISTED:
        words = Counter(word for finding in drafted for word in finding.words)
        facts = {f"{name} = {value}": 1 for finding in drafted for name, value in finding.facts}
        result.listed.append(Elsewhere(number, *floors, [*words, *facts][:10], sorted(effects)))


def _effects(findings: Iterable[Finding]) -> set[str]:
    """Name what FINDINGS do besides the floor, so that two sets of rules can be compared."""
    named = set()
    for finding in findings:
        rule = finding.trigger
        named |= {f"tag {tag}" for tag in rule.tags}
        named |= {f"risk {rule.risk}"} if rule.risk else set()
        named |= {"hold"} if rule.hold else set()
        named |= {f"team {rule.team.slug}"} if rule.team_id else set()
        named |= {"warning"} if rule.warning else set()
    return named


def _fault(result: Result, rule: Trigger, why: str) -> None:
    line = f"{rule.name}: {why}"
    if line not in result.faults and len(result.faults) < 20:
        result.faults.append(line)
