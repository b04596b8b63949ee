"""What must never be false, said to the database itself."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION escalation_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER auditevent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON escalation_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION escalation_refuse_change();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER auditevent_append_only ON escalation_auditevent;
DROP FUNCTION escalation_refuse_change();
"""

# The state machine's own protection is advisory: a plain UPDATE goes past it. Whatever changes a state must also raise
# the version by one, which only writers of an audit event do.
STATE_NEEDS_VERSION = """
CREATE FUNCTION escalation_state_needs_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'a floor move must be recorded: version % may only become %', OLD.version, OLD.version + 1
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escalation_state_needs_version BEFORE UPDATE OF state ON escalation_escalation
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION escalation_state_needs_version();
"""

STATE_NEEDS_NOTHING = """
DROP TRIGGER escalation_state_needs_version ON escalation_escalation;
DROP FUNCTION escalation_state_needs_version();
"""

# Deadlines move all day: dead index entries slow the sweep down, so these tables are vacuumed by count, not by share.
VACUUM_BY_COUNT = """
ALTER TABLE escalation_floorvisit SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE escalation_escalation SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE escalation_outboxmessage SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""

VACUUM_AS_USUAL = """
ALTER TABLE escalation_floorvisit RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE escalation_escalation RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE escalation_outboxmessage RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):
    dependencies = [("escalation", "0002_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(STATE_NEEDS_VERSION, STATE_NEEDS_NOTHING),
        migrations.RunSQL(VACUUM_BY_COUNT, VACUUM_AS_USUAL),
    ]
