"""Versions in HTTP: `ETag`, `If-None-Match` and `If-Match` (RFC 9110, 13.1)."""

import re

from rest_framework.exceptions import APIException
from rest_framework.response import Response

_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


class VersionDoesNotMatch(APIException):
    """`If-Match` names no version that this kind of thing could have."""

    status_code = 412
    default_code = "stale"
    default_detail = "If-Match does not name a version of this resource; read it again."


def tag(version: int) -> str:
    return f'"{version}"'


def expected_version(request) -> int | None:
    """Return the version that the caller saw last according to `If-Match`; None when any will do.

    The verb compares it under its lock, so nothing can slip in between.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    found = re.fullmatch(r'"(\d{1,9})"', header)
    if not found:
        raise VersionDoesNotMatch
    return int(found[1])


def not_modified(request, response: Response) -> bool:
    """Whether the caller already has what RESPONSE would tell."""
    header = request.headers.get("If-None-Match", "")
    current = response.headers.get("ETag")
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or not header or not current:
        return False
    if header.strip() == "*":
        return True
    return current.removeprefix("W/") in {seen.removeprefix("W/") for seen in _ENTITY_TAG.findall(header)}
