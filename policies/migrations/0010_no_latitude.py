"""The latitude is a part of the decision matrix."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("policies", "0009_decision_matrix"), ("escalation", "0010_decision_matrix")]

    operations = [migrations.DeleteModel(name="Latitude")]
