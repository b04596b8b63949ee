"""Full-text search: languages without accents, passages kept by triggers, a vocabulary. Older texts follow in batches."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations, models


LANGUAGES = "".join(
    f"""
CREATE TEXT SEARCH CONFIGURATION helpdesk_{name} (COPY = {copied});
ALTER TEXT SEARCH CONFIGURATION helpdesk_{name}
    ALTER MAPPING FOR asciiword, word, hword_part, hword_asciipart WITH unaccent, {dictionary};
"""
    for name, copied, dictionary in (
        ("plain", "simple", "simple"),
        ("en", "english", "english_stem"),
        ("it", "italian", "italian_stem"),
        ("pt", "portuguese", "portuguese_stem"),
    )
)

NO_LANGUAGES = "".join(
    f"DROP TEXT SEARCH CONFIGURATION helpdesk_{name};" for name in ("plain", "en", "it", "pt")
)

# Every word is kept as it is written, and by its stem in the text's own language (English when nobody said which).
# Signs become spaces first: else the parser takes `CA-4012` for `ca` and minus 4012, and `and/or` for a file.
WORDS = """
CREATE FUNCTION search_plain(content text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN translate(left(content, 100000), '-/_@.:=#&+~?<>\\', '               ');

CREATE FUNCTION search_words(title text, about text, body text, language text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    stems regconfig := CASE left(lower(language), 2)
        WHEN 'it' THEN 'helpdesk_it' WHEN 'pt' THEN 'helpdesk_pt' WHEN 'en' THEN 'helpdesk_en' WHEN '' THEN 'helpdesk_en'
    END;
    words tsvector;
BEGIN
    title := search_plain(title);
    body := search_plain(body);
    words := setweight(to_tsvector('helpdesk_plain', title), 'A')
        || setweight(to_tsvector('helpdesk_plain', search_plain(about)), 'B')
        || setweight(to_tsvector('helpdesk_plain', body), 'D');
    IF stems IS NOT NULL THEN
        words := words || setweight(to_tsvector(stems, title), 'A') || setweight(to_tsvector(stems, body), 'D');
    END IF;
    RETURN words;
END $$;

-- Marks begin with a space, which no word of a text does.
CREATE FUNCTION search_marks(kind text, opened timestamptz) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(array_remove(ARRAY[' ' || kind, to_char(opened AT TIME ZONE 'UTC', ' YYYY-MM-DD'),
        to_char(opened AT TIME ZONE 'UTC', ' YYYY-MM')], NULL));
"""

NO_WORDS = """
DROP FUNCTION search_marks;
DROP FUNCTION search_words;
DROP FUNCTION search_plain;
"""

# `search_put_on_ticket` writes the passage of a text that belongs to a ticket, `search_put` of one that stands alone.
PASSAGES = """
CREATE FUNCTION search_words_in(title text, texts jsonb) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words tsvector := '';
    language text;
    body text;
BEGIN
    FOR language, body IN SELECT * FROM jsonb_each_text(texts) LOOP
        words := words || search_words(title, '', body, language);
    END LOOP;
    RETURN words;
END $$;

CREATE FUNCTION search_put(kind text, source bigint, words tsvector) RETURNS void
    LANGUAGE sql AS $$
INSERT INTO tickets_passage (kind, source, words) VALUES ($1, $2, $3 || search_marks($1, NULL))
ON CONFLICT ON CONSTRAINT passage_once DO UPDATE SET words = excluded.words
$$;

CREATE FUNCTION search_words_of_ticket(t tickets_ticket, c tickets_customer, body text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE AS $$
SELECT search_words(t.subject,
    concat_ws(' ', t.number, t.order_reference, t.order_products #>> '{}', t.source_key, c.name, c.email), body,
    coalesce(nullif(t.language, ''), c.language))
$$;

CREATE FUNCTION search_put_on_ticket(kind text, source bigint, ticket bigint, body text) RETURNS void
    LANGUAGE sql AS $$
INSERT INTO tickets_passage (kind, source, ticket_id, words)
SELECT $1, $2, t.number, search_words_of_ticket(t, c, $4) || search_marks($1, t.created_at)
FROM tickets_ticket t JOIN tickets_customer c ON c.id = t.customer_id WHERE t.number = $3
ON CONFLICT ON CONSTRAINT passage_once DO UPDATE SET ticket_id = excluded.ticket_id, words = excluded.words
$$;

-- What the passages of a ticket say of the ticket itself is written anew; their own text, with weight D, stays.
CREATE FUNCTION search_rename(ticket bigint) RETURNS void
    LANGUAGE sql AS $$
UPDATE tickets_passage p
SET words = search_words_of_ticket(t, c, '') || ts_filter(p.words, '{d}') || search_marks(p.kind, t.created_at)
FROM tickets_ticket t JOIN tickets_customer c ON c.id = t.customer_id WHERE t.number = $1 AND p.ticket_id = t.number
$$;

CREATE FUNCTION search_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tickets_passage WHERE kind = TG_ARGV[0] AND source = OLD.id;
    RETURN NULL;
END $$;
"""

NO_PASSAGES = """
DROP FUNCTION search_forget;
DROP FUNCTION search_rename;
DROP FUNCTION search_put_on_ticket;
DROP FUNCTION search_words_of_ticket;
DROP FUNCTION search_put;
DROP FUNCTION search_words_in;
"""

TRIGGERS = """
CREATE FUNCTION search_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put_on_ticket('message', NEW.id, NEW.ticket_id, NEW.body);
    RETURN NULL;
END $$;
CREATE TRIGGER search_message_in AFTER INSERT ON tickets_message
    FOR EACH ROW EXECUTE FUNCTION search_message();
CREATE TRIGGER search_message_changed AFTER UPDATE ON tickets_message
    FOR EACH ROW WHEN (OLD.body <> NEW.body OR OLD.ticket_id <> NEW.ticket_id) EXECUTE FUNCTION search_message();
CREATE TRIGGER search_message_out AFTER DELETE ON tickets_message
    FOR EACH ROW EXECUTE FUNCTION search_forget('message');

CREATE FUNCTION search_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_rename(NEW.number);
    RETURN NULL;
END $$;
CREATE TRIGGER search_ticket_changed AFTER UPDATE ON tickets_ticket FOR EACH ROW WHEN (
    (OLD.subject, OLD.customer_id, OLD.language, OLD.order_reference, OLD.order_products, OLD.source_key, OLD.created_at)
    IS DISTINCT FROM
    (NEW.subject, NEW.customer_id, NEW.language, NEW.order_reference, NEW.order_products, NEW.source_key, NEW.created_at)
) EXECUTE FUNCTION search_ticket();

CREATE FUNCTION search_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_put('customer', NEW.id, search_words(NEW.name, NEW.email, '', NULL));
    IF TG_OP = 'UPDATE' THEN
        PERFORM search_rename(number) FROM tickets_ticket WHERE customer_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_customer_in AFTER INSERT ON tickets_customer
    FOR EACH ROW EXECUTE FUNCTION search_customer();
CREATE TRIGGER search_customer_changed AFTER UPDATE ON tickets_customer
    FOR EACH ROW WHEN (OLD.name <> NEW.name OR OLD.email <> NEW.email) EXECUTE FUNCTION search_customer();
CREATE TRIGGER search_customer_out AFTER DELETE ON tickets_customer
    FOR EACH ROW EXECUTE FUNCTION search_forget('customer');
"""

NO_TRIGGERS = """
DROP TRIGGER search_message_in ON tickets_message;
DROP TRIGGER search_message_changed ON tickets_message;
DROP TRIGGER search_message_out ON tickets_message;
DROP TRIGGER search_ticket_changed ON tickets_ticket;
DROP TRIGGER search_customer_in ON tickets_customer;
DROP TRIGGER search_customer_changed ON tickets_customer;
DROP TRIGGER search_customer_out ON tickets_customer;
DROP FUNCTION search_message;
DROP FUNCTION search_ticket;
DROP FUNCTION search_customer;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0009_changes_of_the_house'),
    ]

    operations = [
        UnaccentExtension(),
        migrations.CreateModel(
            name='SearchMark',
            fields=[
                ('task', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('word', models.TextField(db_collation='C', primary_key=True, serialize=False)),
                ('seen', models.BigIntegerField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('word', name='gin_trgm_ops'), name='word_trigrams')],
            },
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('source', models.BigIntegerField()),
                ('words', django.contrib.postgres.search.SearchVectorField()),
                ('ticket', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], gin_pending_list_limit=128, name='passage_words')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'source'), name='passage_once')],
            },
        ),
        migrations.RemoveIndex(model_name="ticket", name="ticket_subject_trigrams"),
        migrations.RunSQL(LANGUAGES, NO_LANGUAGES),
        migrations.RunSQL(WORDS, NO_WORDS),
        migrations.RunSQL(PASSAGES, NO_PASSAGES),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
