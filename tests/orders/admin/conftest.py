"""A manager and an administrator in their browsers, English."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import User
from backoffice.people import Role, create_user


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def boss(db: None) -> User:
    return create_user("boss", role=Role.MANAGER, password="boss", weak=True)


@pytest.fixture
def manager(boss: User) -> Client:
    return browser(boss)


@pytest.fixture
def chief(db: None) -> User:
    return create_user("chief", role=Role.ADMIN, password="chief", weak=True)


@pytest.fixture
def admin(chief: User) -> Client:
    return browser(chief)
