"""The arrow of the house holds for foreign keys too: tickets <- policies <- escalation <- metrics <- helpdesk."""

from django.apps import apps
from django.core.management import call_command

LAYERS = ["tickets", "policies", "escalation", "metrics", "helpdesk"]


def test_foreign_keys_point_down():
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for app in LAYERS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model._meta.app_label in LAYERS
        if LAYERS.index(field.related_model._meta.app_label) > LAYERS.index(app)
    ]
    assert upward == []


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
