"""A published week never changes (P8.6), said to the database itself."""

from django.db import migrations

SEALED = """
CREATE FUNCTION metrics_keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    card_id bigint;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'published scorecards cannot be deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_TABLE_NAME = 'metrics_scorecard' THEN
        IF OLD.published_at IS NULL THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
    ELSE
        card_id := CASE WHEN TG_OP = 'DELETE' THEN OLD.scorecard_id ELSE NEW.scorecard_id END;
        IF NOT EXISTS (SELECT 1 FROM metrics_scorecard WHERE id = card_id AND published_at IS NOT NULL)
           AND (TG_OP <> 'UPDATE' OR OLD.scorecard_id = NEW.scorecard_id) THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
    END IF;
    RAISE EXCEPTION 'a published scorecard never changes: % is refused; publish a new edition', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER scorecard_keep_published BEFORE UPDATE OR DELETE ON metrics_scorecard
    FOR EACH ROW EXECUTE FUNCTION metrics_keep_published();
CREATE TRIGGER scorecard_keep_all BEFORE TRUNCATE ON metrics_scorecard
    FOR EACH STATEMENT EXECUTE FUNCTION metrics_keep_published();
CREATE TRIGGER figure_keep_published BEFORE INSERT OR UPDATE OR DELETE ON metrics_figure
    FOR EACH ROW EXECUTE FUNCTION metrics_keep_published();
CREATE TRIGGER figure_keep_all BEFORE TRUNCATE ON metrics_figure
    FOR EACH STATEMENT EXECUTE FUNCTION metrics_keep_published();
"""

NOT_SEALED = """
DROP TRIGGER figure_keep_all ON metrics_figure;
DROP TRIGGER figure_keep_published ON metrics_figure;
DROP TRIGGER scorecard_keep_all ON metrics_scorecard;
DROP TRIGGER scorecard_keep_published ON metrics_scorecard;
DROP FUNCTION metrics_keep_published();
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial")]

    operations = [migrations.RunSQL(SEALED, NOT_SEALED)]
