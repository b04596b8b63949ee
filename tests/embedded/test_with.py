"""`with -- COMMAND`: services for one command, gone afterwards."""

import os
import signal
import subprocess
import sys

import psutil

from tests.embedded.running import OURS, ROOT, alive, wait_until

WITH = [sys.executable, "-m", "helpdesk.embedded", "with", "--"]
SHOW = "import os; print(os.environ['DATABASE_URL']); print(os.environ['REDIS_URL']); print(os.environ['HELPDESK_VAR'])"


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OURS} | more


def test_a_command_gets_working_services_and_its_exit_code_is_returned():
    script = (
        "import os, psycopg2, redis, sys\n"
        "cursor = psycopg2.connect(os.environ['DATABASE_URL']).cursor()\n"
        "cursor.execute('CREATE TABLE mine (id int); SELECT current_user')\n"
        "pong = redis.Redis.from_url(os.environ['REDIS_URL']).ping()\n"
        "print(cursor.fetchone()[0], pong, os.environ['HELPDESK_VAR'])\n"
        "sys.exit(7)"
    )
    command = [*WITH, sys.executable, "-c", script]
    done = subprocess.run(command, env=environment(), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 7, done.stderr
    role, pong, var = done.stdout.split()
    assert (role, pong) == ("helpdesk_owner", "True")
    assert not os.path.exists(var)


def test_services_that_are_named_already_are_used():
    env = environment(DATABASE_URL="postgres://a@b/c", REDIS_URL="redis://d:1/0")
    done = subprocess.run([*WITH, sys.executable, "-c", SHOW], env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split()[:2] == ["postgres://a@b/c", "redis://d:1/0"]


def test_sigterm_ends_the_command_and_the_services():
    process = subprocess.Popen([*WITH, "sleep", "60"], env=environment(), cwd=ROOT)
    parent = psutil.Process(process.pid)
    wait_until(lambda: any(child.name() == "sleep" for child in parent.children()), 20, "the command")
    family = parent.children(recursive=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 128 + signal.SIGTERM
    assert alive(family) == []


def test_a_command_that_does_not_exist_is_named():
    done = subprocess.run([*WITH, "no-such-command"], env=environment(), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no-such-command cannot be run" in done.stderr
