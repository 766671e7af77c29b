"""The queue of the warehouse and its bulk runs."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from backoffice import people
from backoffice.frame import in_training
from backoffice.models import User
from backoffice.text import whole
from orders import wording
from orders.enums import OPEN_ACTION_STATES, ActionKind, ActionState, MarketplaceKind, Stage
from orders.forms import ManyForm, QueueFilter
from orders.models import AssemblyTask, Attention, BulkRun
from orders.presenting import parcelcards
from orders.queries import board as boards
from orders.queries import lists
from orders.queries.board import OVERDUE
from orders.services.sending import bulk

from .common import actor, board_of, htmx, nonce, open_search, page, person, say, seal_search, see_other, visible

TABS = (*(stage.value for stage in (Stage.WAITING, *boards.TAB_STAGES)), OVERDUE, lists.HAND)
KEPT = ("marketplace", "account", "delivery", "mine", "test", "person", "find")
#: Filters that stand behind one button on a phone, and are counted there.
SIFTED = ("marketplace", "account", "delivery", "mine", "test")
#: Filters a person finds again; a search is none, and neither are tests.
REMEMBERED = ("marketplace", "account", "delivery", "mine")
FILTERS = "queue"


@page("orders.view_assemblytask", "GET", "POST")
def queue(request: HttpRequest) -> HttpResponse:
    """The most urgent tasks of a stage. POST is a search: its text goes on sealed, since it may be a name or a phone."""
    if request.method == "POST":
        kept = {name: request.POST.get(name, "") for name in KEPT} | {"tab": request.POST.get("tab", "")}
        kept["find"] = seal_search(request.POST.get("search", ""))
        return see_other(_address(kept))
    if not any(name in request.GET for name in KEPT) and (own := _own(request)):
        return see_other(_address({**own, "tab": request.GET.get("tab", "")}))
    _remember(request)
    context = _context(request)
    live = htmx(request) and htmx(request).target == "queue"
    return render(request, "orders/parts/queue.html" if live else "orders/queue.html", context)


def _own(request: HttpRequest) -> dict[str, str]:
    """The filters this person left on, where they are not named in the address."""
    own = person(request).preferences.get(FILTERS, {})
    return {name: str(own[name]) for name in REMEMBERED if own.get(name)} if isinstance(own, dict) else {}


def _remember(request: HttpRequest) -> None:
    """A filter that is named in the address, be it empty, is this person's own from now on."""
    if any(name in request.GET for name in REMEMBERED):
        people.prefer(person(request), FILTERS, {name: request.GET.get(name, "")[:40] for name in REMEMBERED})


def _context(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    board = board_of(request, tabs=True)
    tab = request.GET.get("tab", Stage.NEW.value)
    tab = tab if tab in TABS else Stage.NEW.value
    search = open_search(request.GET.get("find", ""))
    asked = QueueFilter(
        {**request.GET.dict(), **({"search": search} if search else {})},
        lists.of_tab(_rows(request), tab, now),
        request=request,
        board=board,
    )
    found = lists.queue(asked.qs, request.GET.dict(), board, person(request).pk)
    kept = {name: request.GET.get(name, "") for name in KEPT} | {"tab": tab}
    return {
        "now": now,
        "board": board,
        "tab": tab,
        "tabs": [(each, _address({**kept, "tab": each.key})) for each in [*board.tabs(tab), *_in_hand(tab, found)]],
        "whose": _of_whom(kept["person"]),
        "sifted": sum(bool(kept[name]) for name in SIFTED),
        "found": found,
        "rows": parcelcards.rows(found.rows),
        "filter": asked,
        "deliveries": asked.filters["delivery"].extra["choices"],
        "marketplaces": [kind for kind in MarketplaceKind.choices if kind[0] in {a.kind for a in board.shops}],
        "search": search,
        "kept": kept,
        "filtered": any(kept[name] for name in KEPT),
        "many": lists.MANY.get(tab, ()),
        "obsolete": _obsolete(request),
        "previous": _address({**kept, "before": found.previous}) if found.previous else "",
        "next": _address({**kept, "after": found.next}) if found.next else "",
        "first": _address(kept),
        "everybody": _address({**kept, "person": "", "tab": "" if tab == lists.HAND else tab}),
        "show_all": f"{reverse('tasks')}?{urlencode({'tab': tab, 'mine': ''})}",
        "nonce": nonce(),
    }


def _in_hand(tab: str, found: lists.Queue) -> list[boards.Tab]:
    """A tab that is there only while it is shown; its count is known where all of it is on the page."""
    if tab != lists.HAND:
        return []
    whole_list = not (found.previous or found.next)
    return [boards.Tab(tab, pgettext("tab", "In hand"), str(len(found.rows)) if whole_list else "", current=True)]


def _of_whom(person_id: str) -> User | None:
    """Whose tasks are shown: a statement only where it is asked for."""
    known = whole(person_id)
    return User.objects.filter(pk=known).first() if known is not None else None


def _rows(request: HttpRequest) -> QuerySet[AssemblyTask]:
    """In training its exercises; otherwise tests only when they are asked for."""
    rows = visible(request, AssemblyTask.objects.all())
    return rows if in_training(request) else rows.filter(is_test=bool(request.GET.get("test")))


def _obsolete(request: HttpRequest) -> list[Attention]:
    """Tasks that were cancelled while this person had them; read only when the board says there are some."""
    if not board_of(request).counts.get("obsolete"):
        return []
    return list(boards.obsolete(person(request).pk).select_related("task")[:5])


def _address(params: dict[str, str]) -> str:
    given = {name: value for name, value in params.items() if value}
    if given.get("tab") == Stage.NEW.value:
        given.pop("tab")
    return f"{reverse('tasks')}?{urlencode(given)}" if given else reverse("tasks")


@page("orders.act_task", "POST")
def many(request: HttpRequest) -> HttpResponse:
    """Freeze the chosen tasks and lead to the rehearsal."""
    form = ManyForm(request.POST)
    ids = form.cleaned_data.get("task", []) if form.is_valid() else []
    run = bulk.freeze(ids, form.cleaned_data.get("kind", ""), actor=actor(request))
    return see_other(reverse("run", args=[run.pk]))


@page("orders.act_task", "GET", "POST")
def run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """A bulk run: first its rehearsal, and after POST its progress with a result a row."""
    if request.method == "POST":
        bulk.start(run_id, actor=actor(request))
        return see_other(reverse("run", args=[run_id]))
    found = BulkRun.objects.filter(pk=run_id, actor=person(request)).first()
    if found is None:
        raise Http404
    if found.started_at is None:
        rehearsal = bulk.rehearse(found)
        failing = [task for task, _refusal in rehearsal.will_fail]
        prefetch_related_objects([*rehearsal.will_do, *failing, *rehearsal.already], "items")
        return render(request, "orders/rehearsal.html", {"run": found, "rehearsal": rehearsal, **_titles(found)})
    return _progress(request, found)


def _progress(request: HttpRequest, run: BulkRun) -> HttpResponse:
    rows = bulk.result(run)
    prefetch_related_objects([row.task for row in rows], "items")
    states = [row.state for row in rows]
    failed = [state for state in states if state in ("refused", ActionState.FAILED, ActionState.CANCELLED)]
    context = {
        "run": run,
        "rows": [(row, wording.explained(row.task.account.kind, row.text)) for row in rows],
        "done": states.count(ActionState.SUCCEEDED),
        "failed": len(failed),
        "waiting": sum(state in OPEN_ACTION_STATES for state in states),
        **_titles(run),
    }
    live = htmx(request) and htmx(request).target == "progress"
    return render(request, "orders/parts/progress.html" if live else "orders/run.html", context)


def _titles(run: BulkRun) -> dict[str, Any]:
    count = len(run.task_ids)
    text = ngettext("%(action)s: %(count)d task", "%(action)s: %(count)d tasks", count)
    return {"title": text % {"action": ActionKind(run.kind).label, "count": count}, "kind": ActionKind(run.kind)}


@page("orders.act_task", "POST")
def retry(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Ask again for what failed."""
    bulk.retry(run_id, actor=actor(request))
    return say(request, see_other(reverse("run", args=[run_id])), _("Asked again for what had failed."), "info")
