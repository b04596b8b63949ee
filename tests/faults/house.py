"""A helpdesk of our own to break: PostgreSQL and Valkey, each behind a bad network, and all programs, kept alive by the
embedded supervisor. Nothing of it is shared with other tests.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg2
import redis
from django.db import connection, connections, transaction

from escalation import audit
from helpdesk import entrypoint
from helpdesk.embedded.postgres import APP_ROLE, DATABASE, OWNER_ROLE, Postgres
from helpdesk.embedded.problems import Stopped
from helpdesk.embedded.programs import Program
from helpdesk.embedded.supervisor import Supervisor
from helpdesk.embedded.terminal import Terminal
from helpdesk.embedded.valkey import Valkey
from tests.builders import open_ticket
from tests.embedded.running import free_port
from tests.faults.lateness import Lateness
from tests.faults.proxy import Proxy

# The disk may lie, the commits may not: a killed server must still have what it confirmed.
SETTINGS = {"shared_buffers": "64MB", "fsync": "off", "max_wal_size": "64MB", "min_wal_size": "32MB"}

NOT_AWAY = """
SELECT v.id FROM escalation_floorvisit v WHERE v.left_at IS NULL AND v.alarmed_at IS NULL AND v.failures = 0
    AND v.due_at > statement_timestamp() + interval '1 minute' ORDER BY random() LIMIT %s
"""
FALL_DUE = """
UPDATE escalation_floorvisit v SET entered_at = due - "limit", due_at = due
FROM (SELECT id, statement_timestamp() + make_interval(secs => %s + place * %s / %s) AS due
      FROM unnest(%s) WITH ORDINALITY u (id, place)) d
WHERE v.id = d.id AND v.left_at IS NULL RETURNING v.id, v.due_at
"""
WAITING = "SELECT count(*) FROM escalation_floorvisit WHERE id = ANY(%s) AND left_at IS NULL AND alarmed_at IS NULL"
CARRIED_OUT = """
SELECT (e.data->>'visit')::bigint, (e.data->>'due')::timestamptz, e.at, e.action, e.floor_from, e.floor_to,
    (SELECT count(*) FROM escalation_outboxmessage o
     WHERE o.key IN ('floor_' || e.floor_to || ':' || e.ticket_id || ':' || e.seq, 'alarm:' || (e.data->>'visit'))),
    (SELECT count(*) FROM escalation_floorvisit n
     WHERE n.escalation_id = e.ticket_id AND n.entered_at = e.at AND n.floor = e.floor_to)
FROM escalation_auditevent e WHERE e.by = 'clock' AND (e.data->>'visit')::bigint = ANY(%s)
"""
OUT_OF_STEP = """
SELECT s.ticket_id FROM escalation_escalation s JOIN escalation_floorvisit v ON v.escalation_id = s.ticket_id
WHERE v.left_at IS NULL AND s.state <> 'floor_' || v.floor
"""


class House:
    """The running copy. Its `postgres`, `valkey` and other programs are named as the embedded run names them."""

    def __init__(self, folder: Path, supervisor: Supervisor, disk: Path | None) -> None:
        self.folder, self.supervisor, self.disk = folder, supervisor, disk
        for name in ("run", "valkey", "var", "var/beat", "var/media", "var2", "var2/beat"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        self.postgres = Postgres((disk or folder) / "postgres", folder / "run", SETTINGS)
        self.valkey = Valkey(folder / "valkey", folder / "run", durable=False)
        self.programs: dict[str, Program] = {}
        self.resting: dict[str, list[psutil.Process]] = {}
        self._connection = None

    # --- coming and going ---------------------------------------------------------------------------------------------

    def open(self, *, stock: int, programs: tuple[str, ...]) -> None:
        """Start the services, prepare the database, open STOCK tickets, start PROGRAMS."""
        self.postgres.prepare()
        self._add("postgres", self.postgres.program())
        self._add("valkey", self.valkey.program())
        self.until(self.postgres.answers, 60, "PostgreSQL's start")
        self.until(self.valkey.answers, 20, "Valkey's start")
        self.postgres.make_database()
        self.database = Proxy(self.folder / "run" / ".s.PGSQL.5432")
        self.broker = Proxy(self.valkey.socket)
        self.env = self._environment()
        owner = self.env | {"MIGRATIONS_DATABASE_URL": self.postgres.url(OWNER_ROLE), "HELPDESK_DEMO": "0"}
        subprocess.run([sys.executable, "-m", "helpdesk.embedded.prepare"], env=owner, cwd=entrypoint.ROOT, check=True)
        self.fill(stock)
        for name in programs:
            self.start(name)
        self.until(self.well, 90, "the start of all programs")

    def _environment(self) -> dict[str, str]:
        ours = ("MIGRATIONS_DATABASE_URL", "SECRET_KEY_FILE", "DATABASE_URL_FILE", "REDIS_URL_FILE")
        return {name: value for name, value in os.environ.items() if name not in ours} | {
            "DATABASE_URL": f"postgres://{APP_ROLE}@127.0.0.1:{self.database.port}/{DATABASE}",
            "REDIS_URL": f"redis://127.0.0.1:{self.broker.port}/0",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "HELPDESK_HTTPS": "0",
            "HELPDESK_VAR": str(self.folder / "var"),
            "EMAIL_URL": f"file://{self.folder / 'var' / 'mail'}",
            "PORT": str(free_port()),
            "PLAIN_STATIC": "1",
            "WEB_WORKERS": "1",
            "WORKER_PROCESSES": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, name: str, command: list[str] | None = None) -> None:
        """Start a program by its name (`beat-2` is a second beat with its own schedule), or COMMAND under that name."""
        kind, _, number = name.partition("-")
        env = self.env | ({"HELPDESK_VAR": str(self.folder / "var2")} if number == "2" else {})
        self._add(name, Program(name, command or entrypoint.command(kind, env), env=env, cwd=entrypoint.ROOT))

    def dismiss(self, *names: str) -> None:
        """End programs for good."""
        for name in names:
            program = self.programs.pop(name)
            self.supervisor.programs.remove(program)
            if program.process and not program.died():
                program.signal_group(signal.SIGKILL)
                program.process.wait()

    def mend(self, programs: tuple[str, ...]) -> None:
        """Make everything whole again: a good network, both services, PROGRAMS awake and no others."""
        for proxy in (self.database, self.broker):
            proxy.heal()
        self.wake(*list(self.resting))
        services = ("postgres", "valkey")
        for name in set(self.programs) - {*services, *programs}:
            self.dismiss(name)
        for program in self.programs.values():
            program.pause, program.early_deaths = program.first_pause, 0
            program.start_at = min(program.start_at, program.started_at)
        for name in programs:
            if name not in self.programs:
                self.start(name)
        self.until(self.well, 150, "everything well before the test")

    def close(self) -> None:
        self.dismiss(*(set(self.programs) - {"postgres", "valkey"}))
        for proxy in (self.database, self.broker):
            proxy.close()
        if self._connection:
            self._connection.close()

    def _add(self, name: str, program: Program) -> None:
        self.programs[name] = program
        self.supervisor.add(program)

    # --- time goes by -------------------------------------------------------------------------------------------------

    def play(self, seconds: float) -> None:
        """Let SECONDS pass; whatever died meanwhile is started again."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._tick(min(left, 0.2))

    def until(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        """Let time pass until CONDITION holds; a bound that only something stuck would reach."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                log = (self.folder / "house.log").read_text(errors="replace")
                raise AssertionError(f"{what}: not within {seconds} s\n{log[-3000:]}")
            self._tick(0.05)

    def _tick(self, longest: float) -> None:
        try:
            self.supervisor.tick(longest)
        except Stopped:
            raise KeyboardInterrupt from None

    def well(self) -> bool:
        """Say whether everything is there: services answer, programs run, both ways to the clock look at it."""
        if any(program.process is None or program.died() for program in self.programs.values()):
            return False
        if not (self.postgres.answers() and self.valkey.answers()):
            return False
        fresh = self.ask("SELECT door FROM escalation_sweepheartbeat WHERE swept_at > now() - interval '2.5 seconds'")
        doors = {"escalator": "escalator", "deadlines": "celery"}
        wanted = {door for kind, door in doors.items() if any(name.startswith(kind) for name in self.programs)}
        return wanted <= {door for (door,) in fresh} and ("web" not in self.programs or self.page("/livez") == 200)

    def page(self, path: str, timeout: float = 20) -> int:
        """Return the status with which the web answers, 0 when nobody does."""
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.env['PORT']}{path}", timeout=timeout).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    # --- faults -------------------------------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """kill -9, with all its children, as the kernel does it: without a word."""
        program = self.programs[name]
        if program.process and not program.died():
            program.signal_group(signal.SIGKILL)

    def kill_child(self, name: str) -> None:
        """kill -9 of a pool process of a Celery worker."""
        program = self.programs[name]
        if program.process and not program.died():
            for child in psutil.Process(program.process.pid).children():
                child.kill()

    def take_away(self, name: str, seconds: float) -> None:
        """kill -9, and no new start before SECONDS are over."""
        program = self.programs[name]
        self.kill(name)
        self.until(lambda: program.process is None, 10, f"the end of {name}")
        program.start_at = time.monotonic() + seconds
        program.pause, program.early_deaths = program.first_pause, 0

    def freeze(self, name: str) -> list[psutil.Process]:
        """SIGSTOP of a program and all its processes; give the answer to `thaw`."""
        process = psutil.Process(self.programs[name].process.pid)
        frozen = [process, *process.children(recursive=True)]
        for one in frozen:
            one.suspend()
        return frozen

    def thaw(self, frozen: list[psutil.Process]) -> None:
        for one in frozen:
            if one.is_running():
                one.resume()

    def rest(self, *names: str) -> None:
        """Keep programs from their work for a while; quicker than ending and starting them."""
        for name in names:
            self.resting[name] = self.freeze(name)

    def wake(self, *names: str) -> None:
        for name in names:
            self.thaw(self.resting.pop(name))

    # --- tickets ------------------------------------------------------------------------------------------------------

    def ask(self, question: str, *values) -> list[tuple]:
        """Ask the database as its superuser, past the bad network; [] while it is away."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg2.connect(self.postgres.url("postgres"), connect_timeout=2)
                self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                cursor.execute(question, values)
                return cursor.fetchall() if cursor.description else []
        except psycopg2.Error as error:
            if self._connection and not self._connection.closed and not isinstance(error, psycopg2.OperationalError):
                raise  # the question was wrong, the server is there
            self._connection = None
            return []

    @contextmanager
    def verbs(self) -> Iterator[None]:
        """Let the verbs of this very process work on our database instead of the tests' own."""
        theirs = connections["default"].settings_dict
        kept = dict(theirs)
        connection.close()
        theirs.update(HOST=str(self.folder / "run"), PORT="", USER=APP_ROLE, PASSWORD="", NAME=DATABASE)
        try:
            yield
        finally:
            connection.close()
            theirs.update(kept)

    def fill(self, count: int) -> None:
        """Open COUNT tickets whose clocks have just begun."""
        with self.verbs(), transaction.atomic():
            for n in range(count):
                open_ticket(now=None, customer_email=f"c{n}@example.org")

    def fall_due(self, count: int, *, spread: float, lead: float = 0.3) -> "Story":
        """Let COUNT running clocks, on any floor, run out within SPREAD seconds from LEAD seconds on."""
        chosen = [visit for (visit,) in self.ask(NOT_AWAY, count)]
        assert len(chosen) == count, f"only {len(chosen)} clocks are left to run out"
        due = self.ask(FALL_DUE, lead, spread, count, chosen)
        assert len(due) == count
        return Story(self, dict(due))


class Story:
    """Deadlines that fall due while something goes wrong."""

    def __init__(self, house: House, due: dict[int, datetime]) -> None:
        self.house, self.due = house, due
        self.away: list[tuple[datetime, datetime]] = []

    @contextmanager
    def fault(self) -> Iterator[None]:
        """Note from when until when something is away; this machine has one clock, so ours is the database's."""
        since = datetime.now(UTC)
        yield
        self.away.append((since, datetime.now(UTC)))

    def over(self) -> bool:
        return self.house.ask(WAITING, list(self.due)) == [(0,)]

    def ends(self, fault: str, *, within: float, without: set[int] = frozenset()) -> Lateness:
        """Wait until all is carried out, at most WITHIN seconds after the last deadline; check it; say how late it was.

        WITHOUT are visits that cannot be carried out.
        """
        for visit in without:
            self.due.pop(visit)
        last = max(self.due.values(), default=datetime.now(UTC))
        left = max(timedelta(0), last - datetime.now(UTC)).total_seconds()
        self.house.until(self.over, left + within, f"all deadlines carried out after: {fault}")
        self._exactly_once()
        return Lateness(fault, self.carried_out, self.away)

    def _exactly_once(self) -> None:
        """One event, one outbox row and one new visit for each deadline, nothing before its time, every chain whole."""
        events = self.house.ask(CARRIED_OUT, list(self.due))
        assert sorted(event[0] for event in events) == sorted(self.due), "a deadline was carried out twice or never"
        for visit, due, at, action, floor_from, floor_to, owed, entered in events:
            assert due == self.due[visit] <= at
            assert owed == 1, f"visit {visit} has {owed} outbox rows"
            assert (action, floor_to, entered) == (
                ("deadline_passed", None, 0) if floor_from == 3 else ("moved", floor_from + 1, 1)
            )
        assert not self.house.ask(OUT_OF_STEP)
        with self.house.verbs():
            assert not list(audit.verify())
        self.carried_out = [(due, at) for _visit, due, at, *_rest in events]


@contextmanager
def house(folder: Path, *, stock: int, programs: tuple[str, ...], disk: Path | None = None) -> Iterator[House]:
    """Run a house in FOLDER, its database on DISK if there is one, until the block ends."""
    with open(folder / "house.log", "w") as log, Supervisor(Terminal(log)) as supervisor:
        built = House(folder, supervisor, disk)
        built.open(stock=stock, programs=programs)
        try:
            yield built
        finally:
            built.close()


def flush(built: House) -> None:
    """Wipe the broker."""
    redis.Redis.from_url(built.valkey.url).flushall()
