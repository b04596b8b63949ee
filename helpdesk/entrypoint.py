"""Starts one program: `python -m helpdesk.entrypoint web|worker|deadlines|beat|escalator|migrate|healthy`.

Containers and service managers call it, and the embedded run uses the same command lines.
"""

import http.client
import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def command(verb: str, env: Mapping[str, str]) -> list[str]:
    """Return the command line of a long-running program; its knobs (HOST, PORT, WEB_WORKERS, ...) come from ENV."""
    python = sys.executable
    celery = [python, "-m", "celery", "--quiet", "-A", "helpdesk"]
    node = f"{verb}-{env.get('PORT') or 8000}@%h"  # two copies on one machine and one broker keep their own names
    if verb == "web":
        host = env.get("HOST") or "127.0.0.1"
        address = f"[{host}]" if ":" in host else host
        web = [python, "-m", "gunicorn", "helpdesk.wsgi", "--bind", f"{address}:{env.get('PORT') or 8000}"]
        web += ["--workers", env.get("WEB_WORKERS") or "2", "--threads", env.get("WEB_THREADS") or "8"]
        web += ["--worker-class", "gthread", "--timeout", "60", "--graceful-timeout", "8", "--no-control-socket"]
        # The workers' heartbeat must not wait for a slow disk.
        return web + (["--worker-tmp-dir", "/dev/shm"] if os.path.isdir("/dev/shm") else [])
    quiet = ["--without-gossip", "--without-mingle"]  # back sooner after the broker was away
    if verb == "deadlines":
        return [*celery, "worker", "-Q", "deadlines", "-c", "1", "-n", node, *quiet]
    if verb == "worker":
        return [*celery, "worker", "-Q", "celery", "-c", env.get("WORKER_PROCESSES") or "2", "-n", node, *quiet]
    if verb == "beat":
        schedule = Path(env.get("HELPDESK_VAR") or ROOT / "var") / "beat" / "schedule"
        return [*celery, "beat", "-s", str(schedule), "--pidfile="]
    if verb in ("escalator", "day"):
        return [python, str(ROOT / "manage.py"), "play_day" if verb == "day" else verb]
    raise SystemExit(f"Unknown program {verb!r}. {(__doc__ or '').splitlines()[0]}")


def reachable(env: Mapping[str, str]) -> str:
    """Return the address under which a program on this machine reaches the web server."""
    host = env.get("HOST") or "127.0.0.1"
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def healthy(env: Mapping[str, str]) -> bool:
    """Say whether the web program on this machine answers /livez."""
    host = (env.get("ALLOWED_HOSTS") or "localhost").split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection(reachable(env), int(env.get("PORT") or 8000), timeout=5)
    try:
        connection.request("GET", "/livez", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    verb = sys.argv[1] if len(sys.argv) == 2 else ""
    os.chdir(ROOT)
    if verb == "migrate":
        from helpdesk.preparation import prepare

        prepare()
    elif verb == "healthy":
        sys.exit(0 if healthy(os.environ) else 1)
    else:
        line = command(verb, os.environ)
        if verb == "beat":
            Path(line[line.index("-s") + 1]).parent.mkdir(parents=True, exist_ok=True)
        # The program takes our place, so that signals from the service manager reach it.
        os.execv(line[0], line)


if __name__ == "__main__":
    main()
