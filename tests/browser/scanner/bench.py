"""A page of work and a server that answers scans as a test says: for tests of what the browser does with scans.

Use as the ROOT_URLCONF; ``desk`` is the server's side, one for all threads of the live server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import RequestContext, Template
from django.test import Client
from django.urls import include, path
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User

PAGE = """{% extends "base.html" %}{% block content %}
<div {% if task %}data-scan-task="{{ task }}"{% endif %} {% if wave %}data-scan-wave="{{ wave }}"{% endif %}
{% if order %}data-scan-order="{{ order }}"{% endif %}>
<h1>Page {{ task }}{{ wave }}{{ order }}</h1>
{% if task %}<div id="verdict" aria-live="assertive"></div>
<form class="scanbox" method="post" action="/form/" data-many>{% csrf_token %}
<input class="form-control" name="raw" aria-label="Scan" data-scan="main">
<button type="button" data-camera aria-label="Camera">C</button><button>Enter</button></form>{% endif %}
<form method="post" action="/form/">{% csrf_token %}<input id="note" name="note"><textarea id="long" name="long"></textarea>
<select id="choice" name="choice"><option>none</option><option>0-one</option><option>Bo-two</option></select>
<input id="into" name="number"><button id="press" class="btn btn-primary">Press</button></form>
<button type="button" data-dialog="ask" id="opener">Ask</button>
{% include "components/last_scans.html" %}</div>{% endblock %}
{% block dialogs %}<dialog class="ask" id="ask"><form method="post" action="/form/">{% csrf_token %}<p>Sure?</p>
<input id="inside" name="inside"><button class="btn btn-danger" id="yes">Yes</button>
<button type="button" data-close>No</button></form></dialog>{% endblock %}"""

PAPER = """{% extends "print/page.html" %}{% block print_head %}Paper {{ form }}{% endblock %}
{% block print_more %}<nav class="print-forms"><a href="?form=58x40">Label</a> <a href="?form=sheet">Sheet</a></nav>{% endblock %}
{% block papers %}<p>Paper</p>{% endblock %}"""

Reply = Callable[[dict[str, str]], dict[str, Any]]


class Desk:
    """What arrived, and how it is answered."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        #: Everything that was posted; scans in the order in which they were first answered; forms that were sent.
        self.heard: list[dict[str, str]] = []
        self.answered: list[dict[str, str]] = []
        self.forms: list[str] = []
        self.undone: list[dict[str, str]] = []
        #: A status other than 200 is answered to everything.
        self.status = 200
        self.reply: Reply = accepted
        #: Whose badge was scanned last.
        self.picker = ""
        self._by_nonce: dict[str, dict[str, Any]] = {}

    @property
    def codes(self) -> list[str]:
        return [scan["keys"] or scan["raw"] for scan in self.answered]

    def answer(self, scan: dict[str, str]) -> dict[str, Any]:
        known = self._by_nonce.get(scan["nonce"])
        if known is None:
            self.answered.append(scan)
            known = self._by_nonce[scan["nonce"]] = {**VERDICT, "nonce": scan["nonce"], **self.reply(scan)}
        return known


VERDICT: dict[str, Any] = {
    "scan": 1, "outcome": "accepted", "reason": "accepted", "tone": "ok", "sound": "ok", "title": "", "text": "", "notes": [],
    "links": [], "task": None, "go": "", "changed": False, "undo": None, "again": None, "html": "",
}  # fmt: skip


def accepted(scan: dict[str, str]) -> dict[str, Any]:
    """Signs lead where they say, "order-7" opens an order, "bad…" is refused; everything else is accepted."""
    text = scan["keys"] or scan["raw"]
    what, _dash, number = text.rpartition("-")
    opened = {"outcome": "opened", "reason": "opened", "tone": "info", "sound": "opened", "title": f"Opened {number}"}
    if what == "BO-T":
        return {**opened, "task": int(number), "go": f"/tasks/{number}/"}
    if what == "order":
        return {**opened, "go": f"/orders/{number}/"}
    if text == "BO-C-PRINT":
        return {**opened, "reason": "print", "task": int(scan["task"]), "go": f"/print/tasks/{scan['task']}/"}
    if text.startswith("BO-U-"):
        desk.picker = number
        return {**opened, "reason": "badge", "title": f"Now picking: {number}"}
    if text.lower().startswith("bad"):
        return {"outcome": "refused", "reason": "unknown", "tone": "bad", "sound": "error", "title": f"Refused {text}"}
    return {"title": f"Accepted {text}", "changed": True, "undo": 7}


desk = Desk()


@login_required
def page(request: HttpRequest, **of: int) -> HttpResponse:
    return _drawn(request, PAGE, of)


@login_required
def paper(request: HttpRequest, task: int) -> HttpResponse:
    papers = [{"sheet": {"task": {"pk": task}}}]
    return _drawn(request, PAPER, {"papers": papers, "form": request.GET.get("form", "sheet"), "back": "/bench/"})


def _drawn(request: HttpRequest, template: str, values: dict[str, Any]) -> HttpResponse:
    vars(request)["picker_name"] = lambda: desk.picker  # as the middleware of badges does
    return HttpResponse(Template(template).render(RequestContext(request, values)))


def form(request: HttpRequest) -> HttpResponse:
    desk.forms.append(request.path)
    return HttpResponse("<!doctype html><link rel='icon' href='data:,'><p class='answer'>sent</p>")


def answer(request: HttpRequest) -> HttpResponse:
    scan = {name: str(value) for name, value in request.POST.items()}
    desk.heard.append(scan)
    if not request.user.is_authenticated:
        return JsonResponse({"sign_in": "/sign-in/"}, status=401)
    if desk.status != 200:
        return HttpResponse("away", status=desk.status)
    return JsonResponse(desk.answer(scan))


def undo(request: HttpRequest) -> HttpResponse:
    desk.undone.append({name: str(value) for name, value in request.POST.items()})
    return JsonResponse({**VERDICT, "nonce": request.POST["nonce"], "title": "Undone", "tone": "info", "changed": True})


urlpatterns = [
    path("bench/", page),
    path("tasks/<int:task>/", page),
    path("waves/<int:wave>/", page),
    path("orders/<int:order>/", page),
    path("print/tasks/<int:task>/", paper),
    path("form/", form),
    path("sign-off/", form, name="badge_sign_off"),
    path("print/commands/", form, name="print_commands"),
    path("scan/", form),
    path("scan/answer/", answer),
    path("scan/undo/", undo),
    path("", include("backoffice.frame_urls")),
]


def sign_in(context: BrowserContext, live_server: LiveServer, user: User) -> None:
    """The browser has the session of this person from now on."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])


#: A scanner that types into the focused element in one go: [{key, code, shift}], then Enter, with the times of real keys.
SHOOT = """([keys, end]) => {
  const send = (type, init) => {
    const event = new KeyboardEvent(type, {bubbles: true, cancelable: true, ...init});
    (document.activeElement || document.body).dispatchEvent(event);
    return !event.defaultPrevented;
  };
  keys.forEach(([key, code, shift]) => send('keydown', {key, code, shiftKey: shift}));
  if (end) send('keydown', {key: end, code: end});
}"""
