"""Whole requests in this process: the WSGI application as gunicorn calls it, with the cookie or token of a user."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from backoffice.models import User

CSRF = "b" * 32
LANGUAGE = "ru"


class Web:
    """A browser or a program of one user."""

    def __init__(self, user: User | None = None, *, token: str = "") -> None:
        self.session = ""
        self.application = get_wsgi_application()
        self.headers = {"HTTP_HOST": "localhost", "HTTP_ACCEPT_LANGUAGE": LANGUAGE}
        if token:
            self.headers["HTTP_AUTHORIZATION"] = f"Token {token}"
        if user:
            client = Client()
            client.force_login(user)
            self.session = client.cookies["sessionid"].value
            self.headers["HTTP_COOKIE"] = f"sessionid={self.session}; csrftoken={CSRF}"

    @property
    def plain_headers(self) -> dict[str, str]:
        """The same headers for a real connection."""
        return {name.removeprefix("HTTP_").replace("_", "-"): value for name, value in self.headers.items()}

    def get(self, url: str) -> bytes:
        path, _, query = url.partition("?")
        return self._ask({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query})

    def post(self, path: str, **form: str) -> bytes:
        """A form of a page with htmx."""
        body = urlencode({**form, "csrfmiddlewaretoken": CSRF}).encode()
        asked = {
            "REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_LENGTH": str(len(body)), "HTTP_HX_REQUEST": "true",
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "wsgi.input": io.BytesIO(body),
        }  # fmt: skip
        return self._ask(asked)

    def _ask(self, asked: dict[str, Any]) -> bytes:
        said: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Any:
            said.append(status)

        environ = {
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "SCRIPT_NAME": "",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
            **self.headers, **asked,
        }  # fmt: skip
        answer = self.application(environ, start)
        body = b"".join(answer)
        answer.close()
        assert said[0].startswith("200 "), f"{asked['PATH_INFO']}: {said[0]}"
        return body


@dataclass
class Shown:
    """A page that was shown, with what its template was given: to render it again without finding anything out."""

    body: bytes = b""
    request: HttpRequest = field(default_factory=HttpRequest)
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)

    def again(self) -> str:
        with translation.override(LANGUAGE):
            return render_to_string(self.template, self.context, self.request)


def shown(web: Web, views: ModuleType, url: str) -> Shown:
    """Ask for a page of these views and remember what was rendered."""
    with _listening(views) as found:
        found.body = web.get(url)
    assert found.template, f"{url} rendered nothing"
    # The same page, but for what is different each time (marks of forms).
    assert abs(len(found.again().encode()) - len(found.body)) <= len(found.body) * 0.01
    return found


def _found_out(context: dict[str, Any]) -> dict[str, Any]:
    """What the template would find out by asking, found out already."""
    return {name: value() for name, value in context.items() if isinstance(value, FunctionType)}


@contextmanager
def _listening(views: ModuleType) -> Iterator[Shown]:
    found = Shown()
    render = views.render

    def spy(request: HttpRequest, template: str, context: dict[str, Any], **more: Any) -> HttpResponse:
        found.request, found.template, found.context = request, template, {**context, **_found_out(context)}
        response: HttpResponse = render(request, template, context, **more)
        return response

    with mock.patch.object(views, "render", spy):
        yield found
