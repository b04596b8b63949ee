"""The archive of decisions is read from the newest on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("escalation", "0021_decisions_by_time")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("in_force_at__isnull", False)),
                fields=["-in_force_at", "-id"],
                name="decision_newest",
            ),
        )
    ]
