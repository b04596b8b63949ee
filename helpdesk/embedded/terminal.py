"""One terminal for all programs: each line carries a short prefix, coloured when a person looks at it."""

import os
import sys

COLOURS = {  # ANSI codes
    "helpdesk": 1,
    "postgres": 34,
    "valkey": 35,
    "web": 32,
    "deadlines": 33,
    "worker": 36,
    "beat": 90,
    "escalator": 31,
}


class Terminal:
    """Standard output shared by all programs, or a file when OUT is given."""

    def __init__(self, out=None) -> None:
        self.out = out or sys.stdout
        self.coloured = self.out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:<9} |"
        if self.coloured:
            prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
        self.write(f"{prefix} {text}\n")

    def say(self, text: str) -> None:
        for line in text.splitlines():
            self.line("helpdesk", line)

    def write(self, text: str) -> None:
        try:
            self.out.write(text)
            self.out.flush()
        except OSError:
            # The reader went away (a closed terminal or pipe); the programs go on.
            self.out = open(os.devnull, "w")
