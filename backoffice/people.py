"""People and integrations: the only place that creates users, so that a role means the same everywhere."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from backoffice.errors import Conflict, Invalid
from backoffice.models import User


class Role(TextChoices):
    """What a user is here for. Each is a group of the same name, with the permissions a migration gave it."""

    WAREHOUSE = "warehouse", pgettext_lazy("role", "warehouse")
    MANAGER = "manager", pgettext_lazy("role", "manager")
    INTEGRATION = "integration", pgettext_lazy("role", "integration")
    ADMIN = "admin", pgettext_lazy("role", "admin")


MAY_OPEN_ADMIN = frozenset({Role.MANAGER, Role.ADMIN})


@transaction.atomic
def create_user(username: str, *, role: Role, password: str, weak: bool = False) -> User:
    """A new user in the group of the role; `weak` lets the demo's passwords through.

    Raises `Conflict` when the name is taken and `Invalid` when the password is too easy.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict("username", _("There is already a user called “%(name)s”.") % {"name": username})
    user = User(username=username, is_staff=role in MAY_OPEN_ADMIN, is_superuser=role == Role.ADMIN)
    if not weak:
        _check_password(password, user)
    user.set_password(password)
    user.save()
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    return user


def is_program(user: User | AnonymousUser) -> bool:
    """Whether this is a user of the API and of nothing else: one statement, none for staff and strangers."""
    if not user.is_authenticated or user.is_staff:
        return False
    return set(user.groups.values_list("name", flat=True)) == {Role.INTEGRATION.value}


@transaction.atomic
def set_role(user: User, *, role: Role) -> None:
    """Give a user this role and no other. Idempotent."""
    user.is_staff, user.is_superuser = role in MAY_OPEN_ADMIN, role == Role.ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.set([Group.objects.get_or_create(name=role.value)[0]])


def prefer(user: User, name: str, value: Any) -> None:
    """Keep a preference of a person. Idempotent; one statement, none when it is the same already."""
    if user.preferences.get(name) == value:
        return
    user.preferences = {**user.preferences, name: value}
    User.objects.filter(pk=user.pk).update(preferences=user.preferences)


def role_of(user: User) -> str:
    """The name of the user's role, empty when he has none."""
    names = {group.name for group in user.groups.all()}
    return next((role.value for role in reversed(Role) if role.value in names), "")


def label(name: str) -> str:
    """The role in the active language; a group that is none as it is called."""
    return str(Role(name).label) if name in Role.values else name


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("password", " ".join(error.messages)) from None
