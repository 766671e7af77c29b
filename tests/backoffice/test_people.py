"""Users, roles and tokens from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backoffice.errors import Conflict, Invalid
from backoffice.models import ApiToken, User
from backoffice.people import Role, create_user

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"


def run(*arguments: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize(
    ("role", "is_staff", "is_superuser"),
    [
        (Role.WAREHOUSE, False, False),
        (Role.MANAGER, True, False),
        (Role.INTEGRATION, False, False),
        (Role.ADMIN, True, True),
    ],
)
def test_a_role_is_a_group_and_decides_about_the_admin(role: Role, is_staff: bool, is_superuser: bool) -> None:
    user = User.objects.get(pk=create_user("anna", role=role, password=GOOD).pk)

    assert (user.is_staff, user.is_superuser) == (is_staff, is_superuser)
    assert [group.name for group in user.groups.all()] == [role.value]
    assert user.check_password(GOOD)


def test_a_name_is_taken_whatever_its_case() -> None:
    create_user("anna", role=Role.WAREHOUSE, password=GOOD)

    with pytest.raises(Conflict):
        create_user("Anna", role=Role.ADMIN, password=GOOD)

    assert list(User.objects.values_list("username", "is_superuser")) == [("anna", False)]


def test_an_easy_password_is_refused() -> None:
    with pytest.raises(Invalid):
        create_user("anna", role=Role.WAREHOUSE, password="demo")

    assert not User.objects.exists()


def test_the_demo_may_have_easy_passwords() -> None:
    assert create_user("anna", role=Role.WAREHOUSE, password="demo", weak=True).check_password("demo")


def test_createuser_takes_the_password_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATE_PASSWORD", GOOD)

    assert run("createuser", "anna", "--role", "warehouse") == "anna"
    assert User.objects.get().check_password(GOOD)


@pytest.mark.parametrize("password", ["", "demo"])
def test_createuser_without_a_good_password_makes_nobody(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("CREATE_PASSWORD", password)

    with pytest.raises(CommandError):
        run("createuser", "anna", "--role", "warehouse")

    assert not User.objects.exists()


def test_createuser_refuses_an_unknown_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATE_PASSWORD", GOOD)

    with pytest.raises(CommandError, match="invalid choice: 'king'"):
        run("createuser", "anna", "--role", "king")

    assert not User.objects.exists()


def test_apitoken_prints_a_token_whose_hash_is_kept() -> None:
    create_user("shop", role=Role.INTEGRATION, password=GOOD)

    plain = run("apitoken", "shop", "--scope", "read", "--scope", "act", "--days", "30")

    token = ApiToken.objects.get(digest=ApiToken.hash(plain))
    assert (token.user.username, token.scopes) == ("shop", ["act", "read"])
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).days in {29, 30}
    assert plain not in str(token)


def test_apitoken_reads_only_unless_told_otherwise() -> None:
    create_user("shop", role=Role.INTEGRATION, password=GOOD)
    run("apitoken", "shop")

    token = ApiToken.objects.get()
    assert (token.scopes, token.expires_at) == (["read"], None)


@pytest.mark.parametrize("arguments", [("nobody",), ("shop", "--days", "0"), ("gone",)])
def test_apitoken_refuses(arguments: tuple[str, ...]) -> None:
    create_user("shop", role=Role.INTEGRATION, password=GOOD)
    create_user("gone", role=Role.INTEGRATION, password=GOOD)
    User.objects.filter(username="gone").update(is_active=False)

    with pytest.raises(CommandError):
        run("apitoken", *arguments)

    assert not ApiToken.objects.exists()
