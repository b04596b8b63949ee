"""An index of the words of customers alone: they are looked for among themselves, not among all messages."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_words_of_scripts")]

    operations = [
        migrations.AddIndex(
            model_name="passage",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("kind", "customer")),
                fastupdate=False,
                fields=["words"],
                name="passage_customer_words",
            ),
        )
    ]
