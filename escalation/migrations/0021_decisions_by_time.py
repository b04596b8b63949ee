"""The decisions of a period are found at once: for the trial of a draft, and for the review of gaps."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("escalation", "0020_search_by_floor")]

    operations = [
        migrations.AddIndex(
            model_name="decision", index=models.Index(fields=["-decided_at"], name="decision_by_time")
        )
    ]
