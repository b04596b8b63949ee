"""Knowledge is searched by the words that search keeps of every text; an index of its own is not needed."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("policies", "0016_audits")]

    operations = [migrations.RemoveIndex(model_name="script", name="script_words")]
