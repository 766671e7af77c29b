"""A program with a token, and tasks that came from the sandbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from backoffice.models import ApiToken, User
from backoffice.people import Role, create_user

Client = Callable[..., APIClient]


@pytest.fixture
def program(db: None) -> User:
    return create_user("shop-program", role=Role.INTEGRATION, password="program", weak=True)


@pytest.fixture
def client_of() -> Client:
    """A client that speaks English with a token of the user."""

    def make(user: User, *scopes: str) -> APIClient:
        _row, plain = ApiToken.issue(user, scopes or ("read", "act"))
        return APIClient(headers={"Authorization": f"Token {plain}", "Accept-Language": "en"})

    return make


@pytest.fixture
def api(program: User, client_of: Client) -> APIClient:
    return client_of(program)
