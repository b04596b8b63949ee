"""A published audit never changes (P3.3), and nobody audits what they answer for, said to the database itself."""

from django.db import migrations

SEALED = """
CREATE FUNCTION metrics_keep_audits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own_id bigint;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        IF NOT EXISTS (SELECT 1 FROM metrics_policyaudit WHERE published_at IS NOT NULL) THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'published audits cannot be deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_TABLE_NAME = 'metrics_policyaudit' THEN
        IF OLD.published_at IS NULL THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
    ELSE
        own_id := CASE WHEN TG_OP = 'INSERT' THEN NEW.audit_id ELSE OLD.audit_id END;
        IF NOT EXISTS (SELECT 1 FROM metrics_policyaudit WHERE id = own_id AND published_at IS NOT NULL)
           AND (TG_OP <> 'UPDATE' OR OLD.audit_id = NEW.audit_id) THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        -- An action is done after publication; the words of an erased ticket go.
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'metrics_auditaction'
           AND to_jsonb(OLD) - ARRAY['done_at', 'done_by_id'] = to_jsonb(NEW) - ARRAY['done_at', 'done_by_id'] THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'metrics_auditfinding'
           AND to_jsonb(OLD) - 'note' = to_jsonb(NEW) - 'note' AND to_jsonb(NEW) ->> 'note' IN ('', '[erased]') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a published audit never changes: % is refused; publish a new edition', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
ALTER TABLE metrics_policyaudit ADD CONSTRAINT audit_published_by_somebody_else
    CHECK (published_by_id IS NULL OR NOT published_by_id = ANY (owners));
CREATE TRIGGER audit_keep_published BEFORE UPDATE OR DELETE ON metrics_policyaudit
    FOR EACH ROW EXECUTE FUNCTION metrics_keep_audits();
CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON metrics_policyaudit
    FOR EACH STATEMENT EXECUTE FUNCTION metrics_keep_audits();
"""

PARTS = ("metrics_auditfigure", "metrics_auditfinding", "metrics_auditaction")

for table in PARTS:
    SEALED += f"""
CREATE TRIGGER {table}_keep_published BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION metrics_keep_audits();
CREATE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION metrics_keep_audits();
"""

NOT_SEALED = "".join(
    f"DROP TRIGGER {table}_keep_all ON {table}; DROP TRIGGER {table}_keep_published ON {table};" for table in PARTS
) + """
DROP TRIGGER audit_keep_all ON metrics_policyaudit;
DROP TRIGGER audit_keep_published ON metrics_policyaudit;
ALTER TABLE metrics_policyaudit DROP CONSTRAINT audit_published_by_somebody_else;
DROP FUNCTION metrics_keep_audits();
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0006_audits")]

    operations = [migrations.RunSQL(SEALED, NOT_SEALED)]
