"""The archive of decisions is narrowed to what hardly any has: a remedy, a verdict, a category."""

from django.db import migrations, models
from django.db.models.fields.json import KeyTransform

IN_FORCE = models.Q(in_force_at__isnull=False)


class Migration(migrations.Migration):
    dependencies = [("escalation", "0024_unhelpful")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                fields=["remedy", "-in_force_at", "-id"], condition=IN_FORCE, name="decision_by_remedy"
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                fields=["verdict", "-in_force_at", "-id"],
                condition=IN_FORCE & ~models.Q(verdict="allowed"),
                name="decision_by_verdict",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                KeyTransform("category", "facts"),
                models.F("in_force_at").desc(),
                models.F("id").desc(),
                condition=IN_FORCE,
                name="decision_by_category",
            ),
        ),
    ]
