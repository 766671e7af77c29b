"""Roles: one statement for a user, permissions from memory, a change of role counts at once."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from backoffice.backends import RoleBackend
from backoffice.people import Role, create_user

pytestmark = pytest.mark.django_db


def test_a_user_comes_with_roles_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    pk = create_user("anna", role=Role.WAREHOUSE, password="x", weak=True).pk
    RoleBackend().get_user(pk).has_perm("orders.work_task")  # type: ignore[union-attr]
    with django_assert_num_queries(1):
        user = RoleBackend().get_user(pk)
        assert user is not None
        assert user.has_perm("orders.work_task")
        assert not user.has_perm("backoffice.view_rawpayload")


def test_losing_a_role_counts_at_once() -> None:
    user = create_user("anna", role=Role.MANAGER, password="x", weak=True)
    assert RoleBackend().get_user(user.pk).has_perm("backoffice.view_rawpayload")  # type: ignore[union-attr]
    user.groups.set([Group.objects.get(name="warehouse")])
    assert not RoleBackend().get_user(user.pk).has_perm("backoffice.view_rawpayload")  # type: ignore[union-attr]


def test_a_user_switched_off_is_nobody() -> None:
    user = create_user("anna", role=Role.MANAGER, password="x", weak=True)
    client = Client()
    client.force_login(user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    request = RequestFactory().get("/")
    request.session = client.session
    assert get_user(request).is_anonymous


def test_a_superuser_may_everything() -> None:
    user = create_user("root", role=Role.ADMIN, password="x", weak=True)
    found = RoleBackend().get_user(user.pk)
    assert found is not None
    assert found.has_perm("anything.at_all")
