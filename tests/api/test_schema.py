"""The OpenAPI document is built from the code without a warning, and names every call of the contract."""

import pytest
import yaml
from django.core.management import call_command

CONTRACT = {
    "tickets/": {"get", "post"},
    "tickets/bulk/": {"post"},
    "tickets/{number}/": {"get", "patch"},
    "tickets/{number}/messages/": {"get", "post"},
    "tickets/{number}/attachments/": {"get", "post"},
    "tickets/{number}/wait/": {"post"},
    "tickets/{number}/escalate/": {"post"},
    "tickets/{number}/return/": {"post"},
    "tickets/{number}/risks/": {"post"},
    "tickets/{number}/hold/": {"post"},
    "tickets/{number}/hold/release/": {"post"},
    "tickets/{number}/resolve/": {"post"},
    "tickets/{number}/reopen/": {"post"},
    "tickets/{number}/merge/": {"post"},
    "tickets/{number}/hold/owner/": {"post"},
    "tickets/{number}/legal-hold/": {"post"},
    "legal-holds/": {"get"},
    "legal-holds/{id}/ask-release/": {"post"},
    "legal-holds/{id}/release/": {"post"},
    "customers/": {"get"},
    "customers/{id}/privacy/": {"get"},
    "customers/{id}/erase/": {"post"},
    "customers/{id}/copy/": {"post"},
    "customers/{id}/legal-hold/": {"post"},
    "tickets/{number}/split/": {"post"},
    "tickets/{number}/links/": {"get", "post"},
    "tickets/{number}/links/{id}/remove/": {"post"},
    "tickets/{number}/events/": {"get"},
    "tickets/{number}/visits/": {"get"},
    "tickets/{number}/evidence/": {"get", "post"},
    "tickets/{number}/decisions/": {"get", "post"},
    "tickets/{number}/decision-texts/": {"get", "post"},
    "tickets/{number}/external-notifications/": {"get", "post"},
    "tickets/{number}/export/": {"get"},
    "approvals/": {"get"},
    "approval-rules/": {"get", "post"},
    "delegations/": {"get", "post"},
    "webhooks/": {"get", "post"},
    "webhooks/{id}/": {"get", "patch"},
    "webhooks/{id}/secret/": {"post"},
    "webhooks/{id}/trial/": {"post"},
    "webhooks/{id}/deliveries/": {"get"},
    "webhooks/{id}/deliveries/{delivery}/again/": {"post"},
    "delegations/{id}/end/": {"post"},
    "approvals/{id}/approve/": {"post"},
    "approvals/{id}/reject/": {"post"},
    "approvals/{id}/ask/": {"post"},
    "approvals/{id}/take-over/": {"post"},
    "floors/": {"get"},
    "floors/{floor}/": {"get", "patch"},
    "channels/": {"get"},
    "teams/": {"get"},
    "categories/": {"get"},
    "scripts/": {"get"},
    "calendars/": {"get"},
    "tickets/{number}/visits/{id}/explanation/": {"get"},
    "triggers/": {"get"},
    "decision-matrix/": {"get"},
    "decisions/": {"get"},
    "tickets/{number}/verdict/": {"get"},
    "policies/": {"get"},
    "decision-gaps/": {"get"},
    "script-use/": {"get"},
    "rights/": {"get"},
    "audits/": {"get"},
    "audits/{id}/": {"get"},
    "targets/": {"get"},
    "targets/{key}/": {"get", "patch"},
    "wording/": {"get"},
    "contact-steps/": {"get"},
    "floor-limits/": {"get"},
    "response-times/": {"get"},
    "workflow/": {"get"},
    "notifications/": {"get"},
    "notifications/read/": {"post"},
    "notifications/{id}/read/": {"post"},
    "me/": {"get"},
}


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / "openapi.yml"
    call_command("spectacular", "--fail-on-warn", "--validate", file=str(path))
    return yaml.safe_load(path.read_text())


def test_it_is_openapi_3_1_and_builds_without_warnings(document):
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_call_of_the_contract_is_in_it(document):
    for path, methods in CONTRACT.items():
        assert methods <= set(document["paths"][f"/api/v1/{path}"]), path


def test_every_call_says_that_problems_are_problem_documents(document):
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            assert "application/problem+json" in call["responses"]["401"]["content"], (path, method)
            if method == "post":
                assert "Idempotency-Key" in [parameter["name"] for parameter in call["parameters"]]
            assert "422" not in call["responses"]
