"""Plays stories in the order of time; between two steps the clock moves what is due, as it would have."""

import tomllib
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from escalation import approvals, assignment, conversation, decisions, holds, intake, moves, waiting
from escalation.models import Approval
from escalation.sweep import next_due, sweep
from metrics import quality, ratings
from policies import scripts
from tickets.models import Category, Channel, Message, Tag, Ticket, User

HERE = Path(__file__).parent
FULL = 75
"""From so many characters on a line of a story was broken because it was full."""


def stories() -> list[dict]:
    """Read what is in motion now."""
    return read("open.toml")["story"]


def read(name: str) -> dict:
    return _flowing(tomllib.loads((HERE / name).read_text(encoding="utf-8")))


def _flowing(value):
    """Join the lines that the file breaks for its reader; a line that ends early, as a greeting does, was meant so."""
    if isinstance(value, str):
        lines = [line.strip() for line in value.strip().splitlines()]
        joined = (line + (" " if len(line) >= FULL and after else "\n") for line, after in pairwise([*lines, ""]))
        return "".join(joined).strip()
    if isinstance(value, list):
        return [_flowing(item) for item in value]
    if isinstance(value, dict):
        return {key: _flowing(item) for key, item in value.items()}
    return value


class Stage:
    """People, tickets and the instant that the demo calls now."""

    def __init__(self, staff: dict[str, User], now: datetime):
        self.staff = staff
        self.now = now
        self.numbers: dict[int, int] = {}  # position of a story -> number of its ticket
        self.channels = {channel.slug: channel for channel in Channel.objects.select_related("team")}
        self.categories = {category.slug: category for category in Category.objects.all()}
        self.tags = {tag.slug: tag for tag in Tag.objects.all()}

    def play(self, told: list[dict]) -> None:
        """Open every ticket and take every step at its time; a step that would lie in the future is left out."""
        steps = []
        for position, story in enumerate(told):
            opened = self.now - timedelta(minutes=story["opened"])
            steps.append((opened, len(steps), position, None))
            for step in story.get("steps", ()):
                steps.append((opened + timedelta(minutes=step["after"]), len(steps), position, step))
        for at, _order, position, step in sorted(steps, key=lambda entry: entry[:2]):
            if at > self.now:
                break
            self._let_the_clock_run(at)
            if step is None:
                self.numbers[position] = self.open(told[position], at)
            else:
                self.take(self.numbers[position], step, at)
        self._let_the_clock_run(self.now)

    def _let_the_clock_run(self, until: datetime) -> None:
        while True:
            due = next_due().due_at
            if due is None or due > until:
                return
            sweep(as_of=due)

    def open(self, story: dict, at: datetime) -> int:
        """Let the customer of STORY write, and return the number of the ticket."""
        name, _, address = story["customer"].rpartition(" ")
        order = dict(story.get("order", {}))
        if "value" in order:
            order["value"] = {"amount": order["value"]}
        by_staff = self.staff["agent"] if story["channel"] in {"phone", "store"} else None
        ticket = intake.open_ticket(
            subject=story["subject"],
            body=story["body"],
            channel=self.channels[story["channel"]],
            customer_email=address.strip("<>"),
            customer_name=name,
            customer_language=story["language"],
            category=self.categories[story["category"]],
            tags=[self.tags[slug] for slug in story.get("tags", ())],
            order=order,
            language=story["language"],
            actor=by_staff,
            now=at,
        )
        return ticket.pk

    def take(self, number: int, step: dict, at: datetime) -> None:
        """Let somebody do STEP with the ticket NUMBER."""
        if step["by"] == "customer":
            self._customer_takes(number, step, at)
            return
        actor, text = self.staff[step["by"]], step.get("text", "").strip()
        common = {"actor": actor, "now": at}
        match step["does"]:
            case "assign":
                assignment.assign(number, assignee=self.staff[step["to"]], **common)
            case "reply":
                script = step.get("script", "")
                body = text or scripts.fill(scripts.current(script), Ticket.objects.get(pk=number), actor)
                conversation.reply(number, body=body, script=script, **common)
            case "note":
                conversation.note(number, body=text, **common)
            case "wait":
                waiting.wait(number, reason=text, **common)
            case "escalate":
                moves.escalate(number, justification=text, **common)
            case "hold":
                holds.place(number, reason=text, **common)
            case "ask_release":
                holds.ask_release(number, justification=text, **common)
            case "resolve":
                moves.resolve(number, summary=text, **common)
            case "decide":
                amount = Decimal(step["amount"]) if "amount" in step else None
                what = {"problem": step["problem"], "remedy": step["remedy"], "amount": amount}
                what |= {"reply": step.get("reply", ""), "resolve": step.get("resolve", False)}
                decisions.settle(number, rationale=text, **what, **common)
            case "sign" | "refuse":
                request = Approval.objects.get(escalation_id=number, state=Approval.State.PENDING)
                verb = approvals.approve if step["does"] == "sign" else approvals.reject
                verb(request.pk, actor=actor, note=text, now=at)
            case "justify":
                passed = Approval.objects.get(escalation_id=number, state=Approval.State.OVERTAKEN, decided_at=None)
                approvals.approve(passed.pk, actor=actor, note=text, now=at)
            case "review":
                answered = Message.objects.filter(ticket=number, author__isnull=False).first()
                quality.review(number, reviewer=actor, reviewed=answered.author, score=step["score"], now=at)
            case unknown:
                raise ValueError(f"no staff step is called {unknown!r}")

    def _customer_takes(self, number: int, step: dict, at: datetime) -> None:
        match step["does"]:
            case "write":
                conversation.customer_message(number, body=step["text"], now=at)
            case "rate":
                ratings.rate(number, score=step["score"], comment=step.get("text", ""), now=at)
            case "close":
                conversation.close(number, now=at)
            case unknown:
                raise ValueError(f"no customer step is called {unknown!r}")
