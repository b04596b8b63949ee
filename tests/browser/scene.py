"""A house on a busy day, for looking at its pages: the demo, and what it leaves out."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.base import ContentFile

import metrics.starter
import policies.starter
import tickets.starter
from escalation import (
    conversation,
    decision_texts,
    decisions,
    drafts,
    evidence,
    external,
    holds,
    legal_holds,
    linking,
    merging,
    moves,
    outbox,
    rules,
    snoozing,
    sweep,
)  # fmt: skip
from escalation.contact_steps import warn
from escalation.models import Approval, OutboxMessage
from helpdesk import letters, saved_views
from helpdesk.demo import content as demo_content
from helpdesk.models import HookDelivery
from helpdesk.webhooks import hooks
from metrics import audits, fridays, quarters, ratings
from metrics.models import Cause, ForesightModel
from policies import book, calendars, delegations, proposals
from policies import drafts as rule_drafts
from policies.models import ApprovalRule, Script
from tests.builders import hire, open_ticket
from tickets import links, sign_in, tokens
from tickets.clock import database_now
from tickets.models import Customer, Ticket, User

PASSWORD = "a long enough passphrase"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
WHY = "The customer and the shop tell two stories, and both have papers."


def build() -> SimpleNamespace:
    """Return the people by their roles, and by name the things whose pages are looked at."""
    for content in (tickets.starter, policies.starter, metrics.starter):
        content.load()
    now = database_now()
    demo_content.fill(password=PASSWORD, now=now)
    staff = {person.email.partition("@")[0]: person for person in User.objects.filter(email__endswith="@example.com")}
    scene = SimpleNamespace(**staff, stranger=hire("stranger", None), now=now)
    scene.agent_pk = scene.agent.pk
    scene.week = fridays.name(fridays.of(now) - fridays.WEEK)
    sweep.beat("hand", 0)
    for part in (_talk, _case, _policies, _people, _customers, _figures, _letters):
        part(scene)
    return scene


def _talk(scene: SimpleNamespace) -> None:
    """Tickets on the first floors, with everything that a page can show at once."""
    body = "Good morning.\n\n" + LONG + "\n\nhttps://example.org/" + "parcel/" * 40
    theirs = {"customer_email": "long@example.org", "customer_name": f"Maria {LONG[:60]}"}
    long = open_ticket(now=None, subject=f"{LONG} and the ring of my grandmother, again", body=body, **theirs)
    other = open_ticket(now=None, subject="The same ring", **theirs)
    gone = open_ticket(now=None, subject="And again the ring", **theirs)
    merging.merge(gone.pk, into=other.pk, actor=scene.agent, reason="The same ring of the same person")
    linking.link(long.pk, other=other.pk, kind="related", actor=scene.agent)
    table = "A table:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said before\n\n1. one\n2. " + LONG
    conversation.reply(long.pk, actor=scene.agent, body=table)
    conversation.note(long.pk, actor=scene.agent, body=f"Only for us: {LONG}")
    drafts.keep(long.pk, actor=scene.agent, body="A reply that is not ready yet")
    scene.long, scene.merged = long.pk, gone.pk

    asked = open_ticket(now=None, subject="Two stories about a bracelet", customer_email="two@example.org")
    moves.escalate(asked.pk, actor=scene.agent, justification=WHY)
    rules.flag(asked.pk, actor=scene.specialist, risk="dispute", note="They deny it")
    holds.place(asked.pk, actor=scene.specialist, reason="Goods must come back first")
    holds.ask_release(asked.pk, actor=scene.specialist, justification="They came back today")
    scene.approval = moves.escalate(asked.pk, actor=scene.specialist, justification=WHY).pk
    scene.asked = asked.pk
    overtaken = Approval.objects.filter(state=Approval.State.OVERTAKEN, decided_at__isnull=True)
    scene.owed = overtaken.get().pk

    warned = open_ticket(now=None, subject="Idiots, all of you", customer_email="angry@example.org")
    warn(warned.pk, actor=scene.supervisor, reason="Called the agent names in three letters")
    scene.warned = warned.pk
    later = open_ticket(now=None, subject="Call back on Monday", customer_email="later@example.org")
    snoozing.snooze(later.pk, actor=scene.agent, until=scene.now + timedelta(days=1))
    decided = open_ticket(now=None, subject="Beyond every rule", customer_email="beyond@example.org")
    what = {"problem": "out_of_the_box", "remedy": "store_credit", "amount": Decimal(40), "rationale": WHY}
    decisions.decide(decided.pk, actor=scene.agent, **what)


def _case(scene: SimpleNamespace) -> None:
    """A case on Floor 3 with evidence, a text, a notice to an authority and a legal hold."""
    case = open_ticket(now=None, subject="A letter from a lawyer", customer_email="case@example.org")
    file = ContentFile(b"%PDF", name=f"{LONG}.pdf")
    evidence.add(case.pk, actor=scene.legal, description="What the lawyer sent", file=file, source="Post")
    evidence.add(case.pk, actor=scene.legal, message=case.messages.first().pk)
    decision_texts.propose(case.pk, actor=scene.risk, text=f"We refund the ring and say why. {LONG}")
    external.ask(case.pk, actor=scene.legal, authority="Data protection authority", justification=WHY)
    on = {"actor": scene.legal, "review_on": (scene.now + timedelta(days=90)).date()}
    legal_holds.on_ticket(case.pk, reason="A court asked for it", **on)
    hold = legal_holds.on_customer(case.customer_id, reason="Two courts ask for everything", **on)
    legal_holds.ask_release(hold.pk, actor=scene.legal, reason="The court needs it no more")
    scene.case, scene.customer_pk = case.pk, case.customer_id
    scene.final = Approval.objects.filter(kind="final_resolution", state="pending").first().pk


def _policies(scene: SimpleNamespace) -> None:
    """Drafts of policies and of a rule, a calendar, a deputy."""
    now = scene.now
    row = {"kind": "decision", "floor": 2, "amount_from": "500.00", "roles": ["executive"], "signatures": 2}
    scene.policy_draft = proposals.begin(
        book.kind("approval-matrix"), row, actor=scene.policy, now=now, why="Large sums"
    ).pk  # fmt: skip
    scene.approval_rule = ApprovalRule.objects.in_force().first().pk
    scripts = book.kind("scripts")
    script = Script.objects.in_force().get(slug="damaged-item")
    scene.script = script.pk
    scene.rewrite = proposals.begin(scripts, scripts.write(script), actor=scene.policy, now=now, why="Shorter").pk
    terms = {"name": "Refunds", "phrases": {"en": ["refund", LONG]}, "floor": 2}
    scene.rule_draft = rule_drafts.begin(actor=scene.policy, slug="refunds", terms=terms, now=now).pk
    week = [[["09:00", "18:00"]]] * 5 + [[], []]
    calendar = calendars.draft(slug="shop", name="Shop hours", zone="Europe/Rome", week=week, country="IT", now=now)
    scene.calendar = calendars.put_in_force(calendar, actor=scene.policy, now=now).slug
    away = {"absent": scene.legal, "deputy": scene.risk, "starts_at": now, "ends_at": now + timedelta(days=9)}
    delegations.delegate(**away, actor=scene.legal, now=now)


def _people(scene: SimpleNamespace) -> None:
    """Views, tokens, a second factor."""
    saved_views.save(scene.agent, name=f"Rings {LONG[:40]}", query="q=ring")
    saved_views.save(scene.supervisor, name="Rings", query="q=ring", team=scene.supervisor.teams.first())
    tokens.make(scene.admin, name="Nightly export", days=30, may_sign=False, now=scene.now)
    TOTP.activate(scene.risk, generate_totp_secret())
    RecoveryCodes.activate(scene.risk)


def _customers(scene: SimpleNamespace) -> None:
    """Personal links, and a customer who signs in."""
    scene.token = links.personal_token(scene.long)
    solved = Ticket.objects.filter(escalation__state="resolved", ratings__isnull=False).order_by("-pk").first()
    scene.solved, scene.token_solved = solved.pk, links.personal_token(solved.pk)
    scene.article = Script.objects.in_force().filter(is_public=True, kind=Script.Kind.ARTICLE).first().slug
    scene.customer = Customer.objects.get(email="long@example.org")
    asked = [sign_in.ask(email, browser="b", now=scene.now) for email in ("long@example.org", "two@example.org")]
    word, scene.secret = [sign_in.issue(link, now=scene.now) for link in asked]
    _customer, scene.customer_word = sign_in.enter(word, now=scene.now)


def _figures(scene: SimpleNamespace) -> None:
    """A bad rating with its task, and what foresight has learned."""
    unhappy = open_ticket(now=None, subject="Nobody called me", customer_email="unhappy@example.org")
    moves.resolve(unhappy.pk, actor=scene.agent, summary="Sent again.")
    ratings.rate(unhappy.pk, score=1, comment=f"Slow. {LONG}")
    scene.cause = Cause.objects.order_by("-pk").first().pk
    scene.audit = audits.begin(quarters.of(scene.now), "credits", actor=scene.manager, now=scene.now, size=5).pk
    ForesightModel.objects.create(
        trained_at=scene.now, learned_from=scene.now, learned_until=scene.now, stays=812, missed=240, base_rate=0.3,
        brier=0.121, brier_base=0.208,
        calibration=[[place * 3.1 + 2, 40, min(40, place * 4 + 1)] for place in range(10)],
        cells={"": [900, 300], "1.0": [500, 120], "1.3": [80, 60], "2.0": [120, 50]},
    )  # fmt: skip


def _letters(scene: SimpleNamespace) -> None:
    """Notices in the bells, a letter that was given up, a webhook whose calls failed."""
    outbox.relay(letters.send)
    lost = OutboxMessage.objects.filter(topic="received", ticket=scene.asked)
    hook = hooks.make(actor=scene.admin, name="Warehouse", url="https://erp.example.com/" + "x" * 300)
    for told in ({"attempts": 2, "last_error": f"HTTP 500 {LONG}"}, {"sent_at": scene.now, "answer": "HTTP 204"}):
        HookDelivery.objects.filter(pk=hooks.try_out(hook.pk, actor=scene.admin).pk).update(**told)
    scene.hook_pk = hook.pk
    lost.update(sent_at=None, parked_at=scene.now, attempts=8, last_error=f"OSError: mail server away {LONG}")
