#!/bin/sh
# Makes the two roles and the database. The official postgres image runs it once, on an empty data directory.
# The owner migrates; the running app gets its rights on the tables from helpdesk/grants.sql after each migration.
set -eu
secrets=${SECRETS_DIRECTORY:-/run/secrets}
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    -v owner_password="$(cat "$secrets/owner_password")" -v app_password="$(cat "$secrets/app_password")" <<'SQL'
CREATE ROLE helpdesk_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE helpdesk LOGIN PASSWORD :'app_password';
CREATE DATABASE helpdesk OWNER helpdesk_owner;
REVOKE ALL ON DATABASE helpdesk FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE helpdesk TO helpdesk;
SQL
