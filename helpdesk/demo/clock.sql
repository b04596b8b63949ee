-- The virtual clock of the demo day, in its own schema that stands before pg_catalog on the demo's search_path: what the
-- product asks PostgreSQL for the time then answers with the day's. No other database has this schema, and it is what a
-- demo is known by. Run as the owner of the database; running it again changes nothing.
CREATE SCHEMA IF NOT EXISTS demo;

CREATE TABLE IF NOT EXISTS demo.clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    morning timestamptz NOT NULL,
    real_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    virtual_at timestamptz NOT NULL,
    rate integer NOT NULL DEFAULT 30 CHECK (rate BETWEEN 1 AND 600),
    running boolean NOT NULL DEFAULT false,
    made_of text NOT NULL DEFAULT ''
);

-- How far the script has been played, and which ticket each of its stories became.
CREATE TABLE IF NOT EXISTS demo.day (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    played integer NOT NULL DEFAULT 0,
    tickets jsonb NOT NULL DEFAULT '{}'
);

CREATE OR REPLACE FUNCTION demo.virtual(instant timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT virtual_at + CASE WHEN running THEN rate * greatest(instant - real_at, interval '0') ELSE interval '0' END
    FROM demo.clock
$$;
CREATE OR REPLACE FUNCTION demo.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT demo.virtual(pg_catalog.statement_timestamp()) $$;
CREATE OR REPLACE FUNCTION demo.transaction_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT demo.virtual(pg_catalog.transaction_timestamp()) $$;
CREATE OR REPLACE FUNCTION demo.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT demo.virtual(pg_catalog.transaction_timestamp()) $$;
CREATE OR REPLACE FUNCTION demo.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    $$ SELECT demo.virtual(pg_catalog.clock_timestamp()) $$;

-- Letters of the day: they go nowhere else.
CREATE TABLE IF NOT EXISTS demo.mail (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT demo.statement_timestamp(),
    recipients text[] NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    html text NOT NULL DEFAULT ''
);

-- A column's default was bound to PostgreSQL's own clock when its table was made.
DO $$
DECLARE
    column_ record;
BEGIN
    FOR column_ IN
        SELECT c.oid::regclass AS "table", a.attname AS name, pg_get_expr(d.adbin, d.adrelid) AS expression
        FROM pg_attrdef d
        JOIN pg_class c ON c.oid = d.adrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum
        WHERE c.relnamespace = 'public'::regnamespace
            AND pg_get_expr(d.adbin, d.adrelid) ~ '^\(?(pg_catalog\.)?(statement_timestamp|now)\(\)\)?(::date)?$'
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN %I SET DEFAULT demo.statement_timestamp()%s',
            column_."table", column_.name, CASE WHEN column_.expression LIKE '%::date' THEN '::date' ELSE '' END
        );
    END LOOP;
END $$;

-- The morning, kept as a copy of every table, and the way back to it in one transaction. Sign-ins stay.
CREATE SCHEMA IF NOT EXISTS demo_morning;
CREATE OR REPLACE VIEW demo.kept AS
    SELECT c.oid, c.relname AS name,
        (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND c.relname NOT IN ('django_migrations', 'django_session');

CREATE OR REPLACE FUNCTION demo.keep_morning() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept record;
BEGIN
    FOR kept IN SELECT * FROM demo.kept LOOP
        EXECUTE format('DROP TABLE IF EXISTS demo_morning.%I', kept.name);
        EXECUTE format('CREATE TABLE demo_morning.%1$I AS TABLE public.%1$I', kept.name);
    END LOOP;
    DROP TABLE IF EXISTS demo_morning.demo_day, demo_morning.demo_mail, demo_morning.demo_sequences;
    CREATE TABLE demo_morning.demo_day AS TABLE demo.day;
    CREATE TABLE demo_morning.demo_mail AS TABLE demo.mail;
    CREATE TABLE demo_morning.demo_sequences AS
        SELECT format('%I.%I', schemaname, sequencename) AS name, last_value FROM pg_sequences
        WHERE schemaname IN ('public', 'demo') AND last_value IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION demo.begin_again() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    kept record;
    everything text := (SELECT string_agg(format('public.%I', name), ', ' ORDER BY name) FROM demo.kept);
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    EXECUTE 'LOCK TABLE ' || everything || ' IN ACCESS EXCLUSIVE MODE';
    -- What never changes, such as the audit trail, is guarded by triggers: they stand aside for this moment only.
    FOR kept IN SELECT * FROM demo.kept LOOP
        EXECUTE format('ALTER TABLE public.%I DISABLE TRIGGER USER', kept.name);
    END LOOP;
    SET CONSTRAINTS ALL DEFERRED;
    EXECUTE 'TRUNCATE ' || everything || ' RESTART IDENTITY';
    FOR kept IN SELECT * FROM demo.kept LOOP
        EXECUTE format(
            'INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM demo_morning.%1$I',
            kept.name, kept.columns
        );
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR kept IN SELECT * FROM demo.kept LOOP
        EXECUTE format('ALTER TABLE public.%I ENABLE TRIGGER USER', kept.name);
    END LOOP;
    TRUNCATE demo.mail RESTART IDENTITY;
    INSERT INTO demo.mail OVERRIDING SYSTEM VALUE SELECT * FROM demo_morning.demo_mail;
    UPDATE demo.day d SET played = m.played, tickets = m.tickets FROM demo_morning.demo_day m;
    PERFORM setval(name::regclass, last_value) FROM demo_morning.demo_sequences;
    UPDATE demo.clock SET virtual_at = morning, real_at = pg_catalog.clock_timestamp(), running = false;
END $$;

GRANT USAGE ON SCHEMA demo TO PUBLIC;
GRANT SELECT, INSERT, UPDATE ON demo.clock, demo.day, demo.mail TO PUBLIC;
