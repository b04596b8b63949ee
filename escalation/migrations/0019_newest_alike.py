"""The newest decisions on a problem, whatever the remedy, are found at once also among a million."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("escalation", "0018_macros")]

    operations = [
        migrations.RemoveIndex(model_name="decision", name="decision_alike"),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("in_force_at__isnull", False)),
                fields=["problem", "-in_force_at"],
                name="decision_alike",
            ),
        ),
    ]
