"""Evidence is never changed, and nobody signs what they asked for, also behind a deputy: said to the database itself."""

from django.db import migrations

EVIDENCE_STAYS = """
CREATE FUNCTION escalation_evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is never changed or removed: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER evidence_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON escalation_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION escalation_evidence_stays();
"""

EVIDENCE_GOES = """
DROP TRIGGER evidence_stays ON escalation_evidence;
DROP FUNCTION escalation_evidence_stays();
"""

FOUR_EYES = """
CREATE FUNCTION escalation_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM escalation_approval
        WHERE id = NEW.approval_id AND requested_by_id IN (NEW.signer_id, NEW.in_the_name_of_id)
    ) THEN
        RAISE EXCEPTION 'the one who asked for a signature cannot give it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signature_four_eyes BEFORE INSERT OR UPDATE ON escalation_signature
    FOR EACH ROW EXECUTE FUNCTION escalation_four_eyes();
"""

TWO_EYES = """
DROP TRIGGER signature_four_eyes ON escalation_signature;
DROP FUNCTION escalation_four_eyes();
"""


class Migration(migrations.Migration):
    dependencies = [("escalation", "0006_signing_and_floor_3")]

    operations = [
        migrations.RunSQL(EVIDENCE_STAYS, EVIDENCE_GOES),
        migrations.RunSQL(FOUR_EYES, TWO_EYES),
    ]
