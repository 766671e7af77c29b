"""All roles may look at parcels and what follows from them; managers connect carriers and look at the rules."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EVERYONE = ("orders.view_shipment", "orders.view_reaction")
MANAGERS = (
    "orders.view_reactionrule",
    "orders.change_reactionrule",
    "carriers.view_carrieraccount",
    "carriers.add_carrieraccount",
    "carriers.change_carrieraccount",
)
ROLES = {
    "warehouse": EVERYONE,
    "integration": EVERYONE,
    "manager": EVERYONE + MANAGERS,
    "admin": EVERYONE + MANAGERS,
}


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions are made after migrate, too late for a migration that gives them: make them now."""
    database = schema_editor.connection.alias
    for label in ("orders", "carriers"):
        config = apps.get_app_config(label)
        kept, config.models_module = getattr(config, "models_module", None), True
        create_permissions(config, apps=apps, verbosity=0, using=database)
        config.models_module = kept
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    groups = apps.get_model("auth", "Group").objects.using(database)
    for role, names in ROLES.items():
        group, _created = groups.get_or_create(name=role)
        for name in names:
            label, codename = name.split(".")
            group.permissions.add(permissions.get(content_type__app_label=label, codename=codename))


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_shipments"), ("carriers", "0001_initial")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
