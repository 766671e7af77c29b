"""API tokens: who gets in, with which scope, and what is noted about it."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from pytest_django import DjangoAssertNumQueries
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from backoffice.authentication import HasScope, TokenAuthentication
from backoffice.models import ApiToken, User

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BOTH = ("backoffice.view_lease", "backoffice.change_lease")


class View(APIView):
    """Reading and acting, each with a permission."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (HasScope,)
    required_permissions: ClassVar[dict[str, str]] = {"read": BOTH[0], "act": BOTH[1]}

    def get(self, request: Request) -> Response:
        return Response({"user": request.user.get_username()})

    post = delete = get


class OfModel(APIView):
    """Permissions from the model of its rows."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (HasScope,)
    queryset = ApiToken.objects.all()

    def get(self, request: Request) -> Response:
        return Response({})

    post = get


class Nameless(OfModel):
    """Says nothing of permissions."""

    queryset: Any = None


@pytest.fixture
def user(db: None) -> User:
    return _user("integration", *BOTH)


def _user(name: str, *permissions: str) -> User:
    """A user in a role of the same name; what roles may do is remembered for a while, hence the cache."""
    user, role = User.objects.create_user(username=name), Group.objects.create(name=f"role of {name}")
    for permission in permissions:
        app, codename = permission.split(".")
        role.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    user.groups.add(role)
    cache.clear()
    return user


def _token(user: User, *scopes: str, days: int | None = None) -> str:
    return ApiToken.issue(user, scopes, days)[1]


def _call(header: str | None, method: str = "get", view: type[APIView] = View) -> Response:
    headers = {} if header is None else {"Authorization": header}
    request = getattr(APIRequestFactory(), method)("/", headers=headers)
    response = view.as_view()(request)
    assert isinstance(response, Response)
    return response


def test_a_token_lets_its_user_in(user: User) -> None:
    response = _call(f"Token {_token(user, 'read')}")
    assert (response.status_code, response.data) == (200, {"user": "integration"})
    assert _call(f"token {_token(user, 'read')}").status_code == 200


@pytest.mark.parametrize(
    "header",
    [None, "", "Token", "Token a b", "Token wrong", "Token " + "x" * 300, "Token \xff\xfe", "Basic YTpi", "Bearer x"],
)
def test_without_a_good_token_it_is_401(user: User, header: str | None) -> None:
    response = _call(header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"
    assert not ApiToken.objects.exclude(last_used_at=None).exists()


def test_the_prefix_and_the_hash_are_no_tokens(user: User) -> None:
    row, _plain = ApiToken.issue(user)
    assert _call(f"Token {row.digest}").status_code == 401
    assert _call(f"Token {row.prefix}").status_code == 401


def test_a_user_who_left_has_no_tokens(user: User) -> None:
    header = f"Token {_token(user, 'read')}"
    User.objects.update(is_active=False)
    assert _call(header).status_code == 401
    User.objects.update(is_active=True)
    assert _call(header).status_code == 200


def test_a_token_expires_at_its_time(user: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        header = f"Token {_token(user, 'read', days=2)}"
        clock.move_to(NOW + timedelta(days=2, seconds=-1))
        assert _call(header).status_code == 200
        clock.move_to(NOW + timedelta(days=2))
        response = _call(header)
    assert response.status_code == 401
    assert ApiToken.objects.get().last_used_at == NOW + timedelta(days=2, seconds=-1)


def test_its_use_is_noted_once_a_minute(user: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    token = ApiToken.issue(user)[1]
    request = Request(APIRequestFactory().get("/", headers={"Authorization": f"Token {token}"}))
    with time_machine.travel(NOW, tick=False) as clock:
        for seconds, statements, noted in ((0, 2, 0), (59, 1, 0), (60, 2, 60)):
            clock.move_to(NOW + timedelta(seconds=seconds))
            with django_assert_num_queries(statements):
                TokenAuthentication().authenticate(request)
            assert ApiToken.objects.get().last_used_at == NOW + timedelta(seconds=noted)


@pytest.mark.parametrize(
    ("scopes", "reading", "acting"),
    [(("read",), 200, 403), (("act",), 403, 200), (("read", "act"), 200, 200), ((), 403, 403), (("write",), 403, 403)],
)
def test_a_scope_is_needed(user: User, scopes: tuple[str, ...], reading: int, acting: int) -> None:
    header = f"Token {_token(user, *scopes)}"
    found = [_call(header, method).status_code for method in ("get", "head", "options", "post", "delete")]
    assert [found[0], *found[3:]] == [reading, acting, acting]


@pytest.mark.django_db
def test_a_token_gives_no_more_than_its_user_may() -> None:
    for name, permissions, expected in (
        ("nobody", (), (403, 403)),
        ("reader", BOTH[:1], (200, 403)),
        ("actor", BOTH[1:], (403, 200)),
        ("both", BOTH, (200, 200)),
    ):
        header = f"Token {_token(_user(name, *permissions), 'read', 'act')}"
        assert (_call(header).status_code, _call(header, "post").status_code) == expected, name


@pytest.mark.django_db
def test_a_session_needs_the_permission_and_no_scope() -> None:
    for name, permissions, expected in (("nobody", (), 403), ("actor", BOTH[1:], 200)):
        request = APIRequestFactory().post("/")
        force_authenticate(request, user=_user(name, *permissions))
        assert View.as_view()(request).status_code == expected


@pytest.mark.django_db
def test_permissions_come_from_the_model_when_none_are_named() -> None:
    reader = _token(_user("reader", "backoffice.view_apitoken"), "read", "act")
    actor = _token(_user("actor", "backoffice.change_apitoken"), "read", "act")
    found = [
        _call(f"Token {token}", method, OfModel).status_code for token in (reader, actor) for method in ("get", "post")
    ]
    assert found == [200, 403, 403, 200]


def test_a_view_that_names_no_permission_is_a_mistake(user: User) -> None:
    request = Request(APIRequestFactory().post("/"))
    request.user = user
    with pytest.raises(ImproperlyConfigured, match="Nameless names no permission to act"):
        HasScope().has_permission(request, Nameless())


def test_nobody_is_let_in_by_the_permission_itself() -> None:
    request = Request(APIRequestFactory().get("/"))
    request.user = AnonymousUser()
    assert HasScope().has_permission(request, View()) is False


def test_the_refusal_repeats_no_token(user: User) -> None:
    assert "s3cr3t" not in str(_call("Token s3cr3t").data)
