"""The frame: signing in, theme and language, the places of each role, and pages for errors."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path
from django.utils import timezone, translation
from django.views import defaults
from django.views.csrf import csrf_failure
from pytest_django import DjangoAssertNumQueries

from backoffice import frame
from backoffice.backends import role_permissions
from backoffice.models import User

PASSWORD = "a long enough one 17"
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("planted")


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("here")


urlpatterns = [
    path("broken/", broken),
    path("tasks/", page),
    path("orders/", page),
    path("admin/", page),
    path("", include("backoffice.frame_urls")),
]
here = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture(autouse=True)
def _places() -> Iterator[None]:
    """What exists is remembered for the process: these tests have addresses of their own."""
    frame._exists.cache_clear()
    yield
    frame._exists.cache_clear()


def make(username: str = "anna", **rest: Any) -> User:
    return User.objects.create_user(username, password=PASSWORD, first_name="Anna", last_name="Kotova", **rest)


def web(user: User | None = None, language: str = "en", **rest: Any) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language, **rest)
    if user:
        client.force_login(user)
    return client


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post("/sign-in/", {"username": "anna", "password": password, **more})  # type: ignore[return-value]


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# Signing in and out -------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_sign_in_page_helps_a_password_manager_and_holds_no_inline_code() -> None:
    answer = web().get("/sign-in/?next=/orders/")
    html = answer.content.decode()

    assert answer.status_code == 200
    assert '<html lang="en"' in html
    assert 'autocomplete="username"' in html
    assert 'autocomplete="current-password"' in html
    assert 'name="next" value="/orders/"' in html
    assert not INLINE.search(html)
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_browser_of_no_known_language_gets_russian() -> None:
    assert '<html lang="ru"' in web(language="fr").get("/sign-in/").content.decode()


@pytest.mark.django_db
@here
def test_signing_in_leads_where_the_person_wanted() -> None:
    make()
    client = web()
    answer = sign_in(client, next="/orders/")

    assert (answer.status_code, answer["Location"]) == (302, "/orders/")
    assert is_in(client)


@pytest.mark.django_db
def test_a_wrong_password_signs_nobody_in_and_says_so() -> None:
    make()
    client = web()
    answer = sign_in(client, "wrong")
    html = answer.content.decode()

    assert answer.status_code == 200
    assert 'class="notice error" role="alert"' in html
    assert "wrong" not in html
    assert not is_in(client)


@pytest.mark.django_db
@here
@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_and_tastes_never_lead_to_another_site(there: str) -> None:
    make()
    client = web()

    assert sign_in(client, next=there)["Location"] == "/"
    assert client.post("/theme/", {"theme": "dark", "next": there})["Location"] == "/"
    assert client.post("/language/", {"language": "en", "next": there})["Location"] == "/"


@pytest.mark.django_db
@here
def test_a_page_that_is_not_for_the_role_does_not_send_back_and_forth() -> None:
    client = web(make())
    refused = client.get("/sign-in/?next=/orders/")

    assert client.get("/sign-in/")["Location"] == "/"
    assert refused.status_code == 200
    assert "You are signed in (Anna K.)." in refused.content.decode()


@pytest.mark.django_db
def test_signing_out_ends_the_session_and_says_so() -> None:
    client = web(make())
    answer = client.post("/sign-out/")

    assert answer.status_code == 200
    assert "You are signed out" in answer.content.decode()
    assert answer["Clear-Site-Data"] == '"storage"'
    assert not is_in(client)


@pytest.mark.django_db
def test_a_mere_link_signs_nobody_out() -> None:
    client = web(make())

    assert client.get("/sign-out/").status_code == 405
    assert is_in(client)


@pytest.mark.django_db
def test_the_password_is_changed_in_the_frame() -> None:
    user = make()
    client = web(user)
    new = "another long one 18"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    shown = client.get("/password/").content.decode()
    answer = client.post("/password/", data)
    user.refresh_from_db()

    assert 'autocomplete="new-password"' in shown
    assert (answer.status_code, answer["Location"]) == (302, "/password/done/")
    assert user.check_password(new)


# Theme and language -------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(("theme", "drawn"), [("dark", "dark"), ("light", "light"), ("auto", "light")])
def test_the_theme_is_drawn_by_the_server(theme: str, drawn: str) -> None:
    client = web(make())
    answer = client.post("/theme/", {"theme": theme, "next": "/password/"})
    html = client.get("/password/").content.decode()

    assert (answer.status_code, answer["Location"]) == (302, "/password/")
    assert User.objects.get().theme == theme
    assert f'data-theme-choice="{theme}" data-bs-theme="{drawn}"' in html


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "name"), [("/theme/", "theme"), ("/language/", "language")])
def test_an_unknown_taste_changes_nothing(address: str, name: str) -> None:
    client = web(make(theme="dark", language="ru"))
    answer = client.post(address, {name: "klingon"})
    user = User.objects.get()

    assert answer.status_code == 400
    assert answer.cookies == {}
    assert (user.theme, user.language) == ("dark", "ru")


@pytest.mark.django_db
def test_a_forged_theme_cookie_is_ignored() -> None:
    client = web()
    client.cookies["theme"] = '"><script>'

    assert 'data-theme-choice="auto" data-bs-theme="light"' in client.get("/sign-in/").content.decode()


@pytest.mark.django_db
def test_the_language_is_kept_and_comes_back_with_the_person() -> None:
    make()
    client = web(User.objects.get(), language="en")
    client.post("/language/", {"language": "ru"})
    elsewhere = web(language="en")
    sign_in(elsewhere)

    assert User.objects.get().language == "ru"
    assert elsewhere.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ru"
    assert '<html lang="ru"' in elsewhere.get("/password/").content.decode()


@pytest.mark.django_db
def test_a_visitor_may_choose_too() -> None:
    client = web(language="ru")
    client.post("/theme/", {"theme": "dark"})
    client.post("/language/", {"language": "en"})

    assert '<html lang="en" data-theme-choice="dark" data-bs-theme="dark">' in client.get("/sign-in/").content.decode()


# Places -------------------------------------------------------------------------------------------------------------
def links_of(html: str, css: str) -> list[str]:
    nav = re.search(rf'<nav class="{css}".*?</nav>', html, re.DOTALL)
    assert nav
    return re.findall(r'<a href="([^"]+)"', nav.group())


@pytest.mark.django_db
@here
@pytest.mark.parametrize(
    ("staff", "rail"), [(False, ["/tasks/", "/orders/"]), (True, ["/tasks/", "/orders/", "/admin/"])]
)
def test_the_rail_shows_what_exists_and_the_role_may_enter(staff: bool, rail: list[str]) -> None:
    html = web(make(is_staff=staff)).get("/password/").content.decode()

    assert links_of(html, "rail") == rail
    assert links_of(html, "bottom") == ["/tasks/", "/orders/"]
    assert ("manager" if staff else "warehouse") in html


@pytest.mark.django_db
@here
def test_the_start_page_is_the_first_place_of_the_person() -> None:
    assert web(make()).get("/")["Location"] == "/tasks/"


@pytest.mark.django_db
def test_a_stranger_at_the_start_page_is_asked_to_sign_in() -> None:
    assert web().get("/")["Location"] == "/sign-in/?next=/"


@pytest.mark.django_db
def test_the_frame_costs_no_query_of_its_own(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make(is_staff=True)
    user.groups.add(Group.objects.get_or_create(name="manager")[0])
    client = web(user)
    role_permissions()  # read once a minute: the frame asks whether the person scans for work

    with django_assert_num_queries(2):  # the session, and the person with his role
        client.get("/password/")


@here
def test_counts_come_from_the_request_as_a_value_or_when_asked(rf: RequestFactory) -> None:
    asked: list[str] = []

    def count() -> dict[str, int]:
        asked.append("now")
        return {"tasks": 24}

    for given in ({"tasks": 24}, count):
        request = rf.get("/tasks/")
        request.user = User(username="anna")
        request.nav_counts = given  # type: ignore[attr-defined]  # the frame's own hook
        shown = frame.Frame(request)
        assert asked == []
        assert [(link.place.key, link.count, link.current) for link in shown.links] == [
            ("tasks", 24, True),
            ("orders", 0, False),
        ]
    assert asked == ["now"]


@pytest.mark.parametrize(
    ("staff", "thumbs"),
    [(False, ["tasks", "attention", "desk", "orders"]), (True, ["tasks", "attention", "desk", "orders", "dashboard"])],
)
def test_a_phone_has_the_places_hands_go_to_and_the_menu_the_others(
    rf: RequestFactory, staff: bool, thumbs: list[str]
) -> None:
    request = rf.get("/desk/")
    request.user = User(username="anna", is_staff=staff)
    shown = frame.Frame(request)
    keys = {link.place.key for link in shown.links}

    assert [link.place.key for link in shown.thumbs][: len(thumbs)] == thumbs
    assert {link.place.key for link in (*shown.thumbs, *shown.others)} == keys
    assert {"divergence", *({"carriers", "admin"} if staff else ())} <= {link.place.key for link in shown.others}
    assert [link.place.key for link in shown.links if link.current] == ["desk"]


def test_the_frame_knows_of_a_shift_and_of_a_picker_when_the_page_does(rf: RequestFactory) -> None:
    request = rf.get("/tasks/")
    request.user = User(username="anna")
    bare = frame.Frame(request)
    assert (bare.shift, bare.shift_path, bare.picker) == (None, "", "")

    shift = frame.ShiftState(timezone.now(), "Table 3")
    request.shift_state = lambda: shift  # type: ignore[attr-defined]  # the frame's own hooks
    request.picker_name = lambda: "Ivan P."  # type: ignore[attr-defined]
    shown = frame.Frame(request)
    assert (shown.shift, shown.shift_path, shown.picker) == (shift, "/shift/", "Ivan P.")


# Errors -------------------------------------------------------------------------------------------------------------
@here
@pytest.mark.django_db
def test_a_broken_page_is_calm_and_tells_no_secrets() -> None:
    answer = web(raise_request_exception=False).get("/broken/")
    html = answer.content.decode()

    assert answer.status_code == 500
    assert "Something broke on our side" in html
    assert "planted" not in html
    assert not INLINE.search(html)


@pytest.mark.django_db
def test_an_address_that_does_not_exist() -> None:
    answer = web().get("/nowhere/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [
        (defaults.bad_request, 400, "could not be understood"),
        (defaults.permission_denied, 403, "not for your role"),
        (csrf_failure, 403, "too old"),
    ],
)
def test_refusals_say_what_to_do(
    rf: RequestFactory, view: Callable[..., HttpResponse], status: int, words: str
) -> None:
    with translation.override("en"):
        answer = view(rf.get("/"), PermissionError("planted"))
    html = answer.content.decode()

    assert answer.status_code == status
    assert words in html
    assert "Nothing was changed." in html
    assert "planted" not in html


# The style page -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/styleguide/", "/styleguide/confirm/"])
def test_the_style_page_is_for_staff(address: str) -> None:
    assert web().get(address).status_code == 403
    assert web(make()).get(address).status_code == 403
    assert web(make("boss", is_staff=True)).get(address).status_code == 200


@pytest.mark.django_db
def test_the_style_page_holds_no_inline_code_and_every_field_its_token() -> None:
    html = web(make(is_staff=True)).get("/styleguide/").content.decode()

    assert not INLINE.search(html)
    assert len(re.findall(r'<form[^>]*method="post"', html)) == html.count('name="csrfmiddlewaretoken"')
    assert html.count("<main") == 1
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.django_db
def test_the_admin_wears_the_same_colours() -> None:
    html = web(make(is_staff=True)).get("/admin/").content.decode()

    assert "css/admin.css" in html
    assert "js/theme.js" in html
    assert "admin/js/theme.js" not in html
