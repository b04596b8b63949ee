"""Scripts are found by search: their title, and their text in each language."""

from django.db import migrations

SCRIPTS = """
CREATE FUNCTION search_script() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put('script', NEW.id, search_words_in(NEW.title, NEW.texts));
    RETURN NULL;
END $$;
CREATE TRIGGER search_script_in AFTER INSERT OR UPDATE OF title, texts ON policies_script
    FOR EACH ROW EXECUTE FUNCTION search_script();
CREATE TRIGGER search_script_out AFTER DELETE ON policies_script
    FOR EACH ROW EXECUTE FUNCTION search_forget('script');
SELECT search_put('script', id, search_words_in(title, texts)) FROM policies_script;
"""

NO_SCRIPTS = """
DROP TRIGGER search_script_in ON policies_script;
DROP TRIGGER search_script_out ON policies_script;
DROP FUNCTION search_script;
DELETE FROM tickets_passage WHERE kind = 'script';
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0011_knowledge"), ("tickets", "0010_search")]

    operations = [migrations.RunSQL(SCRIPTS, NO_SCRIPTS)]
