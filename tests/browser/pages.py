"""All pages there are, and the addresses that are none; `test_every_page` holds the lists against the URLconf."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

from django.urls import reverse
from playwright.sync_api import Page as Tab

from tests.browser.scene import PASSWORD


@dataclass(frozen=True)
class Look:
    """A page as WHO sees it ('' for a passer-by, `customer`): values of the scene fill its address and its query."""

    who: str = "supervisor"
    query: str = ""
    first: Callable[[Tab], None] | None = None
    """What is done before anybody looks."""
    status: int = 200
    keys: dict = field(default_factory=dict)
    via: str = ""
    """The page from which FIRST leads here."""

    def address(self, name: str, scene: SimpleNamespace) -> str:
        keys = {key: getattr(scene, str(value), value) for key, value in self.keys.items()}
        if name.startswith("/"):
            return name
        return reverse(self.via or name, kwargs=keys) + self.query.format(**vars(scene))


def at(
    who: str, query: str = "", *, first: Callable[[Tab], None] | None = None, status: int = 200, via: str = "", **keys
) -> Look:
    return Look(who, query, first, status, keys, via)


def send(button: str, **fields: str) -> Callable[[Tab], None]:
    """Fill FIELDS by their names and press BUTTON (a CSS selector), though the browser would ask for more."""

    def act(tab: Tab) -> None:
        for name, value in fields.items():
            box = tab.locator(f"main [name={name}]:visible").first
            box.select_option(value) if box.evaluate("box => box.tagName") == "SELECT" else box.fill(value)
        tab.evaluate("document.querySelectorAll('main form').forEach(form => { form.noValidate = true })")
        with tab.expect_navigation():
            tab.locator(f"main {button}").first.click()

    return act


def unfold(tab: Tab) -> None:
    """Open everything that is folded, all at once."""
    for fold in tab.locator("main details:not(.menu)").all():
        fold.evaluate("fold => { fold.removeAttribute('name'); fold.open = true }")


def as_a_note(tab: Tab) -> None:
    unfold(tab)
    tab.locator("[name=kind][value=note]").check(force=True)


def bulk(tab: Tab) -> None:
    tab.keyboard.press("*")
    tab.select_option("#do", "hold")
    with tab.expect_navigation():
        tab.locator(".bulk button[name=choose], .bulk button[formaction]").last.click()


def bulk_through(tab: Tab) -> None:
    bulk(tab)
    send("button[name=confirm]", reason="The recall is looked into first")(tab)


def keys(tab: Tab) -> None:
    tab.keyboard.press("?")
    tab.locator("#keys[open]").wait_for()


def palette(tab: Tab) -> None:
    tab.keyboard.press("Control+k")
    tab.locator("#palette [role=option]").first.wait_for()


def menu(tab: Tab) -> None:
    tab.locator(".topbar details.menu summary").click()


def filters(tab: Tab) -> None:
    tab.locator(".filters .more summary").first.click()


def peek(tab: Tab) -> None:
    tab.keyboard.press("j")
    tab.keyboard.press("Space")
    tab.locator("#peek h2").wait_for()


def half_signed_in(tab: Tab) -> None:
    send("button", login="risk@example.com", password=PASSWORD)(tab)


MATRIX = {"problem": "damage", "remedy": "refund", "amount": "180", "rationale": "The glass came broken."}

PAGES: dict[str, list[Look]] = {
    # The queue
    "desk:queue": [
        at("agent"), at("agent", first=menu), at("agent", first=keys), at("agent", first=palette),
        at("agent", first=peek), at("agent", first=filters), at("agent", "?floor=9&tag=vip&nonsense=1"),
        at("stranger"),
    ],
    "desk:bulk": [at("agent", via="desk:queue", first=bulk)],
    "desk:bulk_done": [at("agent", via="desk:queue", first=bulk_through)],
    "desk:search": [at("supervisor", "?q=ring"), at("agent", "?q=nothing+like+this")],
    "desk:views": [at("supervisor")],
    "desk:drafts": [at("agent")],
    # One ticket
    "desk:ticket": [
        at("agent", number="long"), at("agent", number="long", first=as_a_note),
        at("supervisor", number="asked", first=unfold), at("legal", number="case"),
        at("agent", number="solved"), at("agent", number="merged"),
    ],
    "desk:new": [at("agent"), at("agent", first=send(".form-foot button"), status=400)],
    "desk:edit": [at("agent", number="long")],
    "desk:log": [at("supervisor", number="asked")],
    "desk:deadline": [at("supervisor", number="asked")],
    "desk:decision": [at("agent", number="long", first=send("button[value=ask]", **MATRIX))],
    "desk:case_file": [at("legal", number="case", first=unfold)],
    "desk:join": [at("agent", number="long"), at("supervisor", "?into={asked}", number="long")],
    "desk:contact": [at("supervisor", number="warned")],
    "desk:privacy": [at("legal", pk="customer_pk", first=unfold)],
    # Signing
    "desk:approvals": [at("supervisor"), at("agent")],
    "desk:approval": [
        at("supervisor", pk="approval"), at("specialist", pk="approval"), at("legal", pk="final"),
        at("supervisor", pk="owed"),
    ],
    "desk:deputies": [at("supervisor")],
    # What we know
    "desk:knowledge": [at("agent")],
    "desk:knowledge_use": [at("supervisor")],
    "desk:knowledge_text": [
        at("agent", slug="language-with-dignity"), at("agent", "?in=pt", slug="item-arrived-damaged"),
    ],
    "desk:guidelines": [at("agent")],
    "desk:decisions": [at("agent"), at("agent", "?problem=moon", status=400)],
    "desk:gaps": [at("policy")],
    "desk:text_gaps": [at("supervisor")],
    # Policies
    "desk:policies": [at("policy")],
    "desk:policy_kind": [at("policy", slug=slug) for slug in ("decision-matrix", "rights", "retention", "scripts")],
    "desk:policy_new": [
        at("policy", slug=slug) for slug in ("decision-matrix", "rights", "approval-matrix", "scripts")
    ],
    "desk:policy_effect": [at("policy", slug="approval-matrix", pk="approval_rule")],
    "desk:policy_version": [at("policy", slug="approval-matrix", pk="approval_rule"),
                            at("policy", slug="scripts", pk="script")],
    "desk:policy_draft": [at("admin", pk="policy_draft"), at("policy", pk="rewrite")],
    "desk:rules": [at("policy", first=send(".form-foot button", text="My lawyer will write. This is fraud."))],
    "desk:rule_new": [at("policy", "?from=legal-risk")],
    "desk:rule_draft": [at("admin", pk="rule_draft")],
    "desk:clocks": [at("policy", first=send("button[name=try]", floor="1", minutes="20"))],
    "desk:audits": [at("manager")],
    "desk:audit": [at("manager", pk="audit", first=unfold)],
    "desk:audit_figure": [at("manager", pk="audit", key="matrix")],
    "desk:calendar_new": [at("policy")],
    "desk:calendar": [at("policy", slug="calendar")],
    # How well we do
    "desk:scorecard": [at("manager"), at("agent", "?week={week}")],
    "desk:metric": [at("manager", key="morale"), at("manager", "?week={week}", key="floor_2_rate")],
    "desk:workflow": [at("manager")],
    "desk:workflow_list": [at("manager", what="stays")],
    "desk:foresight": [at("manager")],
    "desk:pulse": [at("agent")],
    "desk:qa": [at("supervisor")],
    "desk:causes": [at("manager"), at("agent", "?show=closed")],
    "desk:cause": [at("manager", pk="cause")],
    # Oneself
    "desk:notifications": [at("supervisor")],
    "desk:notification_settings": [at("supervisor")],
    "desk:me": [at("agent")],
    "desk:work": [at("agent")],
    "desk:tokens": [at("admin")],
    "usersessions_list": [at("agent")],
    "account_change_password": [at("agent"), at("agent", first=send(".form-foot button"))],
    "account_logout": [at("agent")],
    "account_reauthenticate": [at("agent")],
    "mfa_index": [at("agent"), at("risk")],
    "mfa_activate_totp": [at("agent")],
    "mfa_deactivate_totp": [at("risk")],
    "mfa_view_recovery_codes": [at("risk")],
    "mfa_generate_recovery_codes": [at("risk")],
    "mfa_reauthenticate": [at("risk")],
    # The house
    "desk:house": [at("admin")],
    "desk:person_new": [at("admin")],
    "desk:person": [at("admin", pk="agent_pk")],
    "desk:house_tokens": [at("admin")],
    "desk:hooks": [at("admin")],
    "desk:hook_new": [at("admin", first=send(".form-foot button", url="nonsense"), status=422)],
    "desk:hook": [at("admin", pk="hook_pk")],
    "desk:house_record": [at("admin")],
    "desk:house_start": [at("admin")],
    "desk:house_health": [at("admin")],
    "desk:names": [at("admin", kind=kind) for kind in ("teams", "macros")],
    "desk:name": [at("admin", kind="teams", slug="first-line"), at("admin", kind="tags", slug="vip"),
                  at("admin", kind="macros", slug="new")],
    "desk:undelivered": [at("supervisor")],
    "admin:index": [at("admin")],
    # Signing in
    "account_login": [at(""), at("", first=send("button", login="nobody@example.com", password="not this"))],
    "account_inactive": [at("")],
    "account_reset_password": [at("")],
    "account_reset_password_done": [at("")],
    "account_reset_password_from_key": [at("", uidb36="1", key="abc-def")],
    "account_reset_password_from_key_done": [at("")],
    "first_run": [at("", status=404, key="spent")],
    "api-docs": [at("agent")],
    "mfa_authenticate": [at("newcomer", via="account_login", first=half_signed_in)],
    # What went wrong
    "/nothing-here/": [at("agent", status=404)],
    "/desk/house/": [at("agent", status=403)],
    # Customers
    "portal:submit": [at(""), at("customer"), at("", first=send("form button.btn-primary"), status=422)],
    "portal:received": [at("", token="token")],
    "portal:follow": [at("", token="token"), at("", token="token_solved", first=unfold),
                      at("", status=404, token="12345.abcde.fghij")],
    "portal:requests": [at("customer"), at("customer", "?q=nothing")],
    "portal:privacy": [at(""), at("customer")],
    "portal:rights": [at("")],
    "portal:times": [at("")],
    "portal:articles": [at(""), at("", "?q=unicorn")],
    "portal:article": [at("", slug="article")],
    "portal:sign_in": [at("")],
    "portal:sign_in_sent": [at("")],
    "portal:enter": [at("", secret="secret"), at("", status=404, secret="1234567890abcdef")],
}  # fmt: skip

NOT_PAGES = {
    # What only takes a form
    "desk:assign", "desk:take_next", "desk:views_open_with", "desk:view_change", "desk:write", "desk:keep", "desk:act",
    "desk:case_export", "desk:case_add", "desk:privacy_copy", "desk:privacy_do", "desk:join_do", "desk:clock_withdraw",
    "desk:deputy_end", "desk:decide", "desk:undelivered_again", "desk:undelivered_withdraw", "desk:notifications_read",
    "desk:notification_chat", "desk:token_withdraw", "desk:preferences", "desk:gap_answer",
    "desk:text_gap_answer", "desk:policy_reviewed",
    "desk:audit_act", "desk:audit_answer", "desk:audit_close", "desk:audit_done",
    "desk:audit_drop", "desk:policy_publish",
    "desk:policy_discard", "desk:policy_end", "desk:rule_try", "desk:rule_publish", "desk:rule_discard",
    "desk:rule_end", "desk:scorecard_note", "desk:scorecard_correct", "desk:target", "desk:person_act",
    "desk:house_token_withdraw", "desk:hook_act", "desk:house_mail",
    "portal:helpful", "portal:sign_out", "portal:language", "portal:reply",
    "portal:solved", "portal:rate",
    # What leads on
    "start", "desk:next_beside", "desk:previous_beside", "desk:notification",
    # Parts of pages
    "desk:palette", "desk:peek", "desk:stand", "desk:said", "desk:acts", "desk:case_talk", "desk:wording", "desk:told",
    "desk:fate",
    "desk:place",
    "portal:suggest",
    # Files
    "desk:log_csv", "desk:evidence_file", "desk:file", "desk:scorecard_csv", "desk:scorecard_xlsx",
    "desk:workflow_csv", "portal:file", "mfa_download_recovery_codes",
    # For machines
    "schema", "livez", "readyz",
}  # fmt: skip
