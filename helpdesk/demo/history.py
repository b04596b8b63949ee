"""Turns the short cases of `history.toml` into stories, spread over the working days of the last weeks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from helpdesk.demo.stage import read

WEEKS = 5
"""How far back the cases go."""

WHY_SECOND = "Beyond what the first line may decide; passed on with everything that is known."


def stories(now: datetime) -> list[dict]:
    """Return the cases as stories that opened in working hours, from some weeks before NOW to two days before it."""
    cases = read("history.toml")["case"]
    moments = _moments(now, len(cases))
    return [
        case | {"opened": (now - moment).total_seconds() / 60, "steps": steps_of(case)}
        for case, moment in zip(cases, moments, strict=True)
    ]


def _moments(now: datetime, count: int) -> list[datetime]:
    """Spread COUNT openings evenly over the last weeks, none at the weekend, each at an hour of its own."""
    zone = ZoneInfo(settings.ORGANISATION_TIME_ZONE)
    today = now.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    working_days = [
        day for day in (today - timedelta(days=back) for back in range(WEEKS * 7, 2, -1)) if day.weekday() < 5
    ]
    return [
        working_days[position * len(working_days) // count].replace(
            hour=9 + position * 5 % 8, minute=position * 17 % 60
        )
        for position in range(count)
    ]


def steps_of(case: dict) -> list[dict]:
    """Return the steps of a case by its road (see `history.toml`)."""
    replied, solved = case["replied"], case["solved"]
    answer = {"after": replied, "does": "reply", "script": case.get("script", ""), "text": case.get("reply", "")}
    resolve = {"after": solved, "does": "resolve", "text": case["summary"]}
    agent = "agent2" if case["language"] in {"it", "pt"} else "agent"
    match case["road"]:
        case "first":
            steps = [answer | {"by": agent}, resolve | {"by": agent}]
        case "asked":
            steps = [
                answer | {"by": agent},
                {"after": replied + 1, "by": agent, "does": "wait", "text": "Answer of the customer."},
                {"after": case["answered"], "by": "customer", "does": "write", "text": case["answer"]},
                resolve | {"by": agent},
            ]
        case "second":
            steps = [
                {"after": replied - 5, "by": agent, "does": "escalate", "text": WHY_SECOND},
                {"after": replied - 2, "by": "specialist", "does": "assign", "to": "specialist"},
                answer | {"by": "specialist"},
                resolve | {"by": "specialist"},
            ]
        case "clock":
            steps = [
                {"after": replied - 1, "by": "specialist", "does": "assign", "to": "specialist"},
                answer | {"by": "specialist"},
                resolve | {"by": "specialist"},
            ]
        case "third":
            steps = [
                {"after": replied - 8, "by": "risk", "does": "assign", "to": "risk"},
                answer | {"by": "risk"},
                resolve | {"by": "risk"},
                {
                    "after": case["signed"],
                    "by": "legal",
                    "does": "sign",
                    "text": "Read the file and the answer; agreed.",
                },
            ]
        case unknown:
            raise ValueError(f"no road is called {unknown!r}")
    if "decided" in case:
        steps[-1:-1] = _decided(case["decided"], solved, by=steps[-1]["by"])
    if "reviewed" in case:
        steps.append({"after": solved + 25, "by": "supervisor", "does": "review", "score": case["reviewed"]})
    if "score" in case:
        rated = case.get("signed", solved) + 45
        steps.append(
            {"after": rated, "by": "customer", "does": "rate", "score": case["score"], "text": case.get("comment", "")}
        )
    return steps


def _decided(made: dict, solved: float, *, by: str) -> list[dict]:
    """Return the decision half a minute before the case is resolved, and what the supervisor said where one had to."""
    steps = [{"after": solved - 0.5, "by": by, "does": "decide", "text": made["why"], **made}]
    for word, verb in (("signed", "sign"), ("refused", "refuse")):
        if word in made:
            steps.append({"after": solved - 0.25, "by": "supervisor", "does": verb, "text": made[word]})
    return steps
