"""An index of the words of decisions alone: they are looked for among themselves, not among all messages."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0016_one_index_of_owners")]

    operations = [
        migrations.AddIndex(
            model_name="passage",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("kind", "decision")),
                fastupdate=False,
                fields=["words"],
                name="passage_decision_words",
            ),
        )
    ]
