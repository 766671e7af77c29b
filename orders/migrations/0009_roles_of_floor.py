"""Managers and admins may look at what the floor has left behind: waves, picked units, shortages, shifts, badges, barcodes."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MANAGERS = ("view_wave", "view_pick", "view_shortage", "view_shift", "view_badge", "view_articlebarcode")


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions are made after migrate, too late for a migration that gives them: make them now."""
    database = schema_editor.connection.alias
    config = apps.get_app_config("orders")
    kept, config.models_module = getattr(config, "models_module", None), True
    create_permissions(config, apps=apps, verbosity=0, using=database)
    config.models_module = kept
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    for role in ("manager", "admin"):
        group, _created = apps.get_model("auth", "Group").objects.using(database).get_or_create(name=role)
        for name in MANAGERS:
            group.permissions.add(permissions.get(content_type__app_label="orders", codename=name))


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_floor")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
