"""Indexes that nothing uses or that another begins with: of causes of mails for LIKE, of decisions by ticket, by person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('escalation', '0022_newest_decisions'),
        ('tickets', '0018_fewer_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='decided_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='decision',
            name='escalation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='escalation.escalation'),
        ),
        migrations.AlterField(
            model_name='outboxmessage',
            name='key',
            field=models.CharField(max_length=80, verbose_name='cause'),
        ),
        migrations.AddConstraint(
            model_name='outboxmessage',
            constraint=models.UniqueConstraint(fields=('key',), name='outbox_key_once'),
        ),
    ]
