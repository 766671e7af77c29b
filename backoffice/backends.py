"""Signing in and permissions. Roles are groups; what a group may do is read once a minute, not once a request.

A user is read together with his groups in one statement, so that a change of role counts at once. Permissions given to
single users are not used: the admin does not offer them.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache

from backoffice.models import User

KEPT_SECONDS = 60
CACHE_KEY = "role-permissions"


class RoleBackend(ModelBackend):
    """Username and password; permissions of roles from memory."""

    def get_user(self, user_id: int) -> User | None:
        """The user with the ids of his groups: one statement. None when he is gone or switched off."""
        through = User.groups.through
        rows = list(
            through.objects.filter(user_id=user_id, user__is_active=True).select_related("user").order_by("group_id")
        )
        if not rows:
            return self._without_groups(user_id)
        user: User = rows[0].user
        return with_roles(user, [row.group_id for row in rows])

    def _without_groups(self, user_id: int) -> User | None:
        user = User.objects.filter(pk=user_id, is_active=True).first()
        return None if user is None else with_roles(user, [])

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """All permissions of the user's roles, as "app.codename"; none for single objects. Superusers are not asked about."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_role_permissions"):
            user_obj._role_permissions = self._permissions(user_obj)  # noqa: SLF001
        return set(user_obj._role_permissions)  # noqa: SLF001

    def _permissions(self, user: Any) -> frozenset[str]:
        known = role_permissions()
        ids = getattr(user, "_role_ids", None)
        if ids is None:
            ids = list(user.groups.values_list("pk", flat=True))
        return frozenset(name for group in ids for name in known.get(group, ()))

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return user_obj.is_active and perm in self.get_all_permissions(user_obj, obj)


def with_roles(user: User, ids: list[int]) -> User:
    """The user with the ids of his groups beside him, for the permissions of this request."""
    user._role_ids = ids  # type: ignore[attr-defined]  # noqa: SLF001 - Django keeps its own permission cache there too
    return user


def role_permissions() -> dict[int, list[str]]:
    """Group id → its permissions; one statement a minute and process."""
    known: dict[int, list[str]] | None = cache.get(CACHE_KEY)
    if known is None:
        known = {}
        rows = Permission.objects.filter(group__in=Group.objects.all())
        for group, app, code in rows.values_list("group", "content_type__app_label", "codename"):
            known.setdefault(group, []).append(f"{app}.{code}")
        cache.set(CACHE_KEY, known, KEPT_SECONDS)
    return known
