"""Managers and admins issue badges: a right of its own, and no longer whoever may enter the admin."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions are made after migrate, too late for a migration that gives them: make them now."""
    database = schema_editor.connection.alias
    config = apps.get_app_config("orders")
    kept, config.models_module = getattr(config, "models_module", None), True
    create_permissions(config, apps=apps, verbosity=0, using=database)
    config.models_module = kept
    permission = (
        apps.get_model("auth", "Permission")
        .objects.using(database)
        .get(content_type__app_label="orders", codename="change_badge")
    )
    for role in ("manager", "admin"):
        group, _created = apps.get_model("auth", "Group").objects.using(database).get_or_create(name=role)
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_index_of_attention_keys")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
