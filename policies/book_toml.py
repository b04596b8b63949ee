"""A rule of the policy book as a table of TOML: the same rule gives the same bytes."""

import json
import re

HEADER = "[[rule]]"
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


def written(rule: dict) -> str:
    """Return RULE, which is plain data, as one table."""
    plain = {name: value for name, value in rule.items() if not isinstance(value, dict)}
    lines = [HEADER, *(f"{_key(name)} = {_value(value)}" for name, value in plain.items())]
    for name, table in rule.items():
        if isinstance(table, dict):
            lines += [f"[rule.{_key(name)}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _string(name)


def _value(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(inner) for inner in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())} }}"
    text = str(value)
    if "\n" in text and not text.endswith('"') and not any(ord(c) < 32 and c not in "\n\t" for c in text):
        body = text.replace("\\", "\\\\").replace('"""', '""\\"').replace("\x7f", "\\u007F")
        return f'"""\n{body}"""'
    return _string(text)


def _string(text: str) -> str:
    # What JSON writes is a basic string of TOML too, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
