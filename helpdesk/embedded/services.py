"""Starts the services that the environment does not name already."""

import os
from dataclasses import dataclass
from pathlib import Path

from helpdesk.embedded.postgres import APP_ROLE, OWNER_ROLE, Postgres
from helpdesk.embedded.supervisor import Supervisor
from helpdesk.embedded.valkey import Valkey


@dataclass(frozen=True)
class Services:
    """Addresses of database and broker; `embedded_database` tells whether the database is our own."""

    app_url: str
    owner_url: str
    redis_url: str
    embedded_database: bool


def start(
    supervisor: Supervisor,
    *,
    postgres_data: Path,
    valkey_data: Path,
    sockets: Path,
    settings: dict[str, str],
    durable: bool,
) -> Services:
    """Start PostgreSQL unless DATABASE_URL is set, Valkey unless REDIS_URL is set, and wait until both answer."""
    app_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    owner_url = os.environ.get("MIGRATIONS_DATABASE_URL") or app_url
    postgres = None if app_url else Postgres(postgres_data, sockets, settings)
    valkey = None if redis_url else Valkey(valkey_data, sockets, durable=durable)
    if postgres:
        postgres.prepare()
        postgres_program = postgres.program()
        supervisor.add(postgres_program)
    if valkey:
        valkey_program = valkey.program()
        supervisor.add(valkey_program)
        otherwise = "Valkey does not answer; its lines above say why."
        supervisor.wait_for(valkey.answers, valkey_program, seconds=20, otherwise=otherwise)
        redis_url = valkey.url
    if postgres:
        # Recovery after a crash may replay gigabytes; it prints what it does.
        otherwise = "PostgreSQL does not answer; its lines above say why."
        supervisor.wait_for(postgres.answers, postgres_program, seconds=300, otherwise=otherwise)
        postgres.make_database()
        app_url, owner_url = postgres.url(APP_ROLE), postgres.url(OWNER_ROLE)
    return Services(app_url, owner_url, redis_url, embedded_database=postgres is not None)
