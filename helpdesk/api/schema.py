"""What every call can answer besides its own, added to the OpenAPI document."""

_PROBLEMS = {
    "400": "The input is not valid; `errors` names the fields.",
    "401": "No valid token and no session.",
    "403": "The caller may see it and not do it; `detail` says who may.",
    "404": "It does not exist, or the caller may not know that it does.",
    "409": "A rule of the protocol forbids it now; `code` says which.",
    "412": "`If-Match` names an old version.",
    "429": "Too many calls; `Retry-After` says for how long to wait.",
}
_ALWAYS = {"401", "404", "429"}

_PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is the matter, in words"},
        "code": {"type": "string", "description": "stable, for machines"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
        "data": {"type": "object", "additionalProperties": {}},
    },
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key and body again give the first answer again, for 24 hours.",
}
_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The `ETag` seen last; if the ticket has changed since, the answer is 412.",
}


def describe_problems(result: dict, generator, request, public) -> dict:
    """Add the problem documents, and the headers that the ground rules read, to each call of the document."""
    result["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    for path, methods in result["paths"].items():
        for method, call in methods.items():
            writes = method not in ("get", "head")
            for status in sorted(_PROBLEMS):
                if writes or status in _ALWAYS | {"400"}:
                    call["responses"].setdefault(status, _answer(status))
            if method == "post":
                call.setdefault("parameters", []).append(_KEY)
            if writes and path.startswith("/api/v1/tickets/{number}/"):
                call.setdefault("parameters", []).append(_MATCH)
    return result


def _answer(status: str) -> dict:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {"description": _PROBLEMS[status], "content": {"application/problem+json": {"schema": reference}}}
