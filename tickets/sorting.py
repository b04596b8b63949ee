"""Names in the order in which people look for them: without regard to capitals and accents, in any database."""

from django.db.models import CharField, Func


class Plain(Func):
    """A text in small letters without its accents, to sort by; the database's own order may put É after Z."""

    template = "lower(regexp_replace(normalize(%(expressions)s, NFKD), '[\u0300-\u036f]', '', 'g'))"
    output_field = CharField()


BY_NAME = (Plain("name"), "email")
"""The order of lists of people."""
