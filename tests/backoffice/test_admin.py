"""People, tokens and changes of upstreams in the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice import drift
from backoffice.models import ApiToken, UpstreamDrift, User
from backoffice.people import Role, create_user

PASSWORD = "a-long-Enough-phrase-7"


@pytest.fixture
def chief(db: None) -> User:
    return create_user("chief", role=Role.ADMIN, password=PASSWORD)


@pytest.fixture
def admin(chief: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(chief)
    return client


def groups(user: User) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


def test_a_user_is_made_with_a_role_and_a_password(admin: Client) -> None:
    answer = admin.post("/admin/backoffice/user/add/", {"username": "anna", "role": "manager", "password": PASSWORD})

    anna = User.objects.get(username="anna")
    assert answer.status_code == 302
    assert (groups(anna), anna.is_staff, anna.is_superuser) == (["manager"], True, False)
    assert anna.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"password": "123"}, "password"),
        ({"username": "chief"}, "username"),
        ({"role": "king"}, "role"),
        ({"username": ""}, "username"),
    ],
)
def test_a_user_that_cannot_be_is_not_made(admin: Client, more: dict[str, str], field: str) -> None:
    data = {"username": "anna", "role": "manager", "password": PASSWORD, **more}

    answer = admin.post("/admin/backoffice/user/add/", data)

    assert list(answer.context["adminform"].form.errors) == [field]
    assert User.objects.count() == 1


def test_a_role_is_changed_as_a_whole(admin: Client) -> None:
    anna = create_user("anna", role=Role.MANAGER, password=PASSWORD)
    path = f"/admin/backoffice/user/{anna.pk}/change/"
    assert admin.get(path).context["adminform"].form["role"].value() == "manager"

    admin.post(path, {"username": "anna", "role": "warehouse", "first_name": "Анна", "is_active": "on"})

    anna.refresh_from_db()
    assert (groups(anna), anna.is_staff, anna.first_name, anna.is_active) == (["warehouse"], False, "Анна", True)
    admin.post(path, {"username": "anna", "role": "warehouse"})
    anna.refresh_from_db()
    assert anna.is_active is False


def test_nobody_locks_himself_out_and_nobody_is_deleted(admin: Client, chief: User) -> None:
    path = f"/admin/backoffice/user/{chief.pk}"

    admin.post(f"{path}/change/", {"username": "chief", "role": "warehouse"})
    deleted = admin.post(f"{path}/delete/", {"post": "yes"})

    chief.refresh_from_db()
    assert (groups(chief), chief.is_superuser, chief.is_active) == (["admin"], True, True)
    assert deleted.status_code == 403


def test_a_manager_has_no_say_over_users_and_tokens(db: None) -> None:
    client = Client()
    client.force_login(create_user("boss", role=Role.MANAGER, password=PASSWORD))

    for path in ("user/", "user/add/", "apitoken/", "apitoken/add/"):
        assert client.get(f"/admin/backoffice/{path}").status_code == 403


def test_a_token_is_shown_once(admin: Client, chief: User) -> None:
    data = {"user": chief.pk, "scopes": ["read", "act"], "days": "7"}

    answer = admin.post("/admin/backoffice/apitoken/add/", data)

    row = ApiToken.objects.get()
    plain = answer.context["token"]
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert (ApiToken.hash(plain), row.scopes, row.expires_at is not None) == (row.digest, ["act", "read"], True)
    later = [
        admin.get(path) for path in ("/admin/backoffice/apitoken/", f"/admin/backoffice/apitoken/{row.pk}/change/")
    ]
    assert [page.status_code for page in later] == [200, 200]
    assert all(plain not in page.content.decode() and row.digest not in page.content.decode() for page in later)
    assert all(plain not in morsel.value for morsel in admin.cookies.values())


@pytest.mark.parametrize("data", [{}, {"scopes": ["rule"]}, {"scopes": ["read"], "days": "0"}])
def test_a_token_that_makes_no_sense_is_not_issued(admin: Client, chief: User, data: dict[str, object]) -> None:
    answer = admin.post("/admin/backoffice/apitoken/add/", {"user": chief.pk, **data})

    assert answer.context["adminform"].form.errors
    assert ApiToken.objects.count() == 0


def test_a_token_is_taken_back_by_deleting_it(admin: Client, chief: User) -> None:
    row, _plain = ApiToken.issue(chief)

    admin.post(f"/admin/backoffice/apitoken/{row.pk}/delete/", {"post": "yes"})

    assert ApiToken.objects.count() == 0


def test_a_change_of_an_upstream_is_marked_as_seen(admin: Client) -> None:
    for name in ("a", "b"):
        drift.note(upstream="wildberries", place="orders", kind="field", name=name, sample={"x": 1})
    first, second = UpstreamDrift.objects.order_by("name")
    assert "{&#x27;x&#x27;: 1}" in admin.get(f"/admin/backoffice/upstreamdrift/{first.pk}/change/").content.decode()

    admin.post(f"/admin/backoffice/upstreamdrift/{first.pk}/do/seen/")
    admin.post("/admin/backoffice/upstreamdrift/", {"action": "mark_seen", "_selected_action": [second.pk]})

    assert set(UpstreamDrift.objects.values_list("known", flat=True)) == {True}
