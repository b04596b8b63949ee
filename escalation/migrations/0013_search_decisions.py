"""Decisions are found by search: the reason given, with what is known of the ticket."""

from django.db import migrations

DECISIONS = """
CREATE FUNCTION search_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put_on_ticket('decision', NEW.id, NEW.escalation_id, NEW.rationale);
    RETURN NULL;
END $$;
CREATE TRIGGER search_decision_in AFTER INSERT OR UPDATE OF rationale ON escalation_decision
    FOR EACH ROW EXECUTE FUNCTION search_decision();
CREATE TRIGGER search_decision_out AFTER DELETE ON escalation_decision
    FOR EACH ROW EXECUTE FUNCTION search_forget('decision');
SELECT search_put_on_ticket('decision', id, escalation_id, rationale) FROM escalation_decision;
"""

NO_DECISIONS = """
DROP TRIGGER search_decision_in ON escalation_decision;
DROP TRIGGER search_decision_out ON escalation_decision;
DROP FUNCTION search_decision;
DELETE FROM tickets_passage WHERE kind = 'decision';
"""


class Migration(migrations.Migration):
    dependencies = [("escalation", "0012_merging"), ("tickets", "0010_search")]

    operations = [migrations.RunSQL(DECISIONS, NO_DECISIONS)]
