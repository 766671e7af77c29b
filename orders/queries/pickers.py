"""People who may assemble, with their badges."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from backoffice.models import User
from backoffice.people import Role

_APP, _CODE = "orders", "work_task"


def pickers() -> list[User]:
    """Active people whose role may assemble, by name, each with his ``badge`` where he has one: one statement. No programs."""
    through = User.groups.through.objects.filter(user_id=OuterRef("pk"))
    role = through.filter(group__permissions__content_type__app_label=_APP, group__permissions__codename=_CODE)
    people = role.exclude(group__name=Role.INTEGRATION.value)
    rows = User.objects.filter(Q(is_superuser=True) | Exists(people), is_active=True)
    return list(rows.select_related("badge").order_by("first_name", "last_name", "username", "pk"))
