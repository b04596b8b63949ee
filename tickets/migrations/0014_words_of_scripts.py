"""An index of the words of approved texts alone: what fits a ticket is looked for among them, not among all messages."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0013_search_by_floor")]

    operations = [
        migrations.AddIndex(
            model_name="passage",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("kind", "script")), fastupdate=False, fields=["words"], name="passage_script_words"
            ),
        )
    ]
