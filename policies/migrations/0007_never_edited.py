"""A policy is superseded, never edited: said to the database itself."""

from django.db import migrations

from policies.guard_sql import FUNCTION, NO_FUNCTION, guard

TABLES = ("approvalrule", "calendar", "floorlimit", "responsetime", "script", "trigger")


class Migration(migrations.Migration):
    dependencies = [("policies", "0006_one_life")]

    operations = [migrations.RunSQL(FUNCTION, NO_FUNCTION), *(guard(f"policies_{table}") for table in TABLES)]
