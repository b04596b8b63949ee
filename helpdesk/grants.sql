-- What the running helpdesk may do with the database. Run as the owner of the tables after each migration; running it again
-- changes nothing. `python -m helpdesk.entrypoint migrate` does so. By hand:
--     PGOPTIONS="-c helpdesk.app_role=helpdesk" psql --single-transaction -f helpdesk/grants.sql "$MIGRATIONS_DATABASE_URL"
-- The role of the running app reads and writes rows. It changes no tables, and it adds to the audit trail, the record of
-- the house and the evidence without ever editing them: their own triggers refuse that too, but a grant also holds when somebody drops a trigger.
DO $$
DECLARE
    app_role text := current_setting('helpdesk.app_role');
    audit_trail regclass := to_regclass('public.escalation_auditevent');
    evidence regclass := to_regclass('public.escalation_evidence');
    house_record regclass := to_regclass('public.tickets_housechange');
BEGIN
    EXECUTE format('REVOKE ALL ON SCHEMA public FROM %I', app_role);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app_role);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', app_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', app_role);
    EXECUTE format('GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO %I', app_role);
    IF audit_trail IS NOT NULL THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', audit_trail, app_role);
        -- The words of an erased ticket may go, and nothing else: the trigger looks at each row.
        EXECUTE format('GRANT UPDATE (reason, data) ON %s TO %I', audit_trail, app_role);
    END IF;
    IF evidence IS NOT NULL THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', evidence, app_role);
    END IF;
    IF house_record IS NOT NULL THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', house_record, app_role);
    END IF;
END $$;
