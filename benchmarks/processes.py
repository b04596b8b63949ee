"""The product's own processes, started for a measurement and stopped after it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.embedded.programs import dying_with_us

ROOT = Path(__file__).parent.parent


@contextmanager
def running(*commands: list[str], env: dict[str, str] | None = None) -> Iterator[None]:
    """Run python COMMANDS until the block ends; their output goes to `bench.log` in HELPDESK_VAR."""
    log = open(Path(os.environ.get("HELPDESK_VAR") or ROOT / "var") / "bench.log", "ab")
    started = [
        subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=dying_with_us(signal.SIGTERM),
        )
        for command in commands
    ]
    try:
        yield
        ended = [process.args[1:] for process in started if process.poll() is not None]
        if ended:
            raise RuntimeError(f"{ended} ended too early")
    except Exception:
        log.flush()
        print(Path(log.name).read_text(errors="replace")[-2000:], file=sys.stderr)
        raise
    finally:
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in started:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.close()
