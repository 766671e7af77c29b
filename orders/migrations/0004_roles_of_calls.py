"""Managers may look at calls to buyers, orders to read and delivery services."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VIEWED = ("buyercall", "ordertoread", "deliveryservicename")
ROLES = ("manager", "admin")


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions are made after migrate, too late for a migration that gives them: make them now."""
    database = schema_editor.connection.alias
    config = apps.get_app_config("orders")
    kept, config.models_module = getattr(config, "models_module", None), True
    create_permissions(config, apps=apps, verbosity=0, using=database)
    config.models_module = kept
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=ROLES):
        for name in VIEWED:
            group.permissions.add(permissions.get(content_type__app_label="orders", codename=f"view_{name}"))


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_yandex_market")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
