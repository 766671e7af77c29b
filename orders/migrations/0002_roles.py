"""Roles as groups with permissions: warehouse, manager, integration, admin."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VIEWED = (
    "order",
    "assemblytask",
    "taskitem",
    "markingcode",
    "scan",
    "timelineentry",
    "marketplaceaction",
    "actionattempt",
    "attention",
)
WAREHOUSE = [f"orders.view_{name}" for name in VIEWED] + [
    "orders.work_task",
    "orders.act_task",
    "orders.see_buyers",
    "orders.change_attention",
]
MANAGER = WAREHOUSE + [
    "orders.view_marketplaceaccount",
    "orders.add_marketplaceaccount",
    "orders.change_marketplaceaccount",
    "orders.change_markingcode",
    "orders.add_markingcode",
    "orders.delete_markingcode",
    "orders.change_assemblytask",
    "orders.change_marketplaceaction",
    "orders.view_bulkrun",
    "backoffice.view_rawpayload",
    "backoffice.view_upstreamdrift",
    "backoffice.change_upstreamdrift",
    "backoffice.view_jobstate",
    "backoffice.view_ratebudget",
    "backoffice.view_lease",
    "backoffice.view_counter",
    "django_q.view_schedule",
    "django_q.view_success",
    "django_q.view_failure",
    "django_q.view_ormq",
]
ROLES = {"warehouse": WAREHOUSE, "integration": WAREHOUSE, "manager": MANAGER, "admin": MANAGER}


def make_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Permissions are made after migrate, too late for a migration that gives them: make them now."""
    database = schema_editor.connection.alias
    for label in ("orders", "backoffice", "django_q"):
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
    dependencies = [
        ("orders", "0001_initial"),
        ("backoffice", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
