"""That a policy is superseded and never edited, said to the database itself; for migrations."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION policies_superseded_never_edited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text[] := ARRAY['valid_until', 'owner_id', 'review_on'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a policy is superseded, never removed' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.version = 1 THEN
        kept := kept || ARRAY['valid_from'];  -- a first version may be dated back, to hold for what came before it
    END IF;
    IF to_jsonb(OLD) - kept <> to_jsonb(NEW) - kept THEN
        RAISE EXCEPTION 'a policy is superseded by its next version, never edited' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

NO_FUNCTION = "DROP FUNCTION policies_superseded_never_edited();"


def guard(table: str) -> migrations.RunSQL:
    """Return the operation that guards TABLE, which holds versions of a policy."""
    return migrations.RunSQL(
        f"CREATE TRIGGER superseded_never_edited BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION policies_superseded_never_edited();",
        f"DROP TRIGGER superseded_never_edited ON {table};",
    )
