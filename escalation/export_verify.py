#!/usr/bin/env python3
"""Check a sealed export of a case: every file against the manifest, every link of the trail, every digest.

Run it beside manifest.json, with Python 3.8 or newer and nothing else: python3 verify.py [SHA-256 of manifest.json]
It ends with 0 when all holds, else with 1 and a line for each fault. The SHA-256 of the manifest itself stands in the
helpdesk's own trail (action "exported"); give it as an argument, and the export is proved against that record.
"""

import hashlib
import json
import sys
from pathlib import Path

LINK = ("ticket seq at by person_id customer_id action floor_from floor_to reason data previous_hash").split()


def sha256(raw):
    return hashlib.sha256(raw).hexdigest()


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def rows(folder, name):
    text = (folder / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def faults(folder, expected=None):
    """Yield a sentence for everything that does not hold."""
    raw = (folder / "manifest.json").read_bytes()
    if expected and sha256(raw) != expected:
        yield "manifest.json is not the one on record"
    manifest = json.loads(raw)
    for name, said in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif sha256(path.read_bytes()) != said["sha256"]:
            yield f"{name} was changed"
    known = set(manifest["files"]) | {"manifest.json", "verify.py"}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known and "__pycache__" not in name:
            yield f"{name} is not part of this export"
    trail = rows(folder, "trail.jsonl")
    yield from broken_links(trail, manifest["trail"])
    erased = any(event["action"] == "erased" for event in trail)
    for approval in rows(folder, "approvals.jsonl"):
        if erased and approval["justification"] == "[erased]":
            continue  # the words went by law; the digest of what they were stays
        shown = [manifest["ticket"], approval["kind"], approval["justification"], approval["content"]]
        if sha256(canonical(shown)) != approval["digest"]:
            yield f"request {approval['id']}: its digest is not that of its content"
    for piece in rows(folder, "evidence.jsonl"):
        held = folder / piece["path"]
        if held.is_file() and sha256(held.read_bytes()) != piece["sha256"]:
            yield f"evidence {piece['id']}: not the bytes that were registered"


def broken_links(events, said):
    """Yield what is wrong with the chain: numbers, hashes, its length and its end.

    Where words were erased by law, a later link of the chain keeps the seal of what the event says since.
    """
    redacted = {}
    for event in events:
        if event["action"] == "erased":
            redacted.update(event["data"].get("redacted", {}))
    previous = "0" * 64
    for number, event in enumerate(events, 1):
        if event["seq"] != number or event["previous_hash"] != previous:
            yield f"event {number}: the chain is broken before it"
            return
        if sha256(canonical([event[name] for name in LINK])) not in (event["hash"], redacted.get(str(number))):
            yield f"event {number}: its content was changed after it was sealed"
            return
        previous = event["hash"]
    if (len(events), previous) != (said["events"], said["head"]):
        yield "the trail does not end where the manifest says"


if __name__ == "__main__":
    found = list(faults(Path(__file__).resolve().parent, *sys.argv[1:2]))
    print("\n".join(found) if found else "Everything in this export is as it was sealed.")
    sys.exit(1 if found else 0)
