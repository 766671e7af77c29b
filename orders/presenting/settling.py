"""The buttons that settle a question, of the table in ``orders.settling``: where each leads, and who may press it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from backoffice.models import User
from backoffice.text import whole
from orders.enums import ActionKind
from orders.marketplaces import registry
from orders.models import Attention, MarketplaceAction
from orders.services.buyers import OPEN_RAW
from orders.settling import Way, ways


@dataclass(frozen=True, slots=True)
class Press:
    """``fields``: what is posted; a link where None. ``asks``: the answer is a question over the page."""

    label: str | Promise
    url: str
    fields: Mapping[str, str] | None = None
    asks: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the action it is about."""

    row: Attention
    failed: MarketplaceAction | None = None


Make = Callable[[Asked], Press | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """``needs``, ``also``: the permissions; nothing where everybody who sees the question may."""

    make: Make
    needs: str = ""
    also: str = ""

    def is_for(self, user: User) -> bool:
        return user.has_perms([right for right in (self.needs, self.also) if right])


def presses(row: Attention, failed: MarketplaceAction | None, user: User) -> list[Press]:
    """At most two, the usual one first; what this person may not do is left out."""
    asked = Asked(row, failed)
    entries = [_ENTRIES[way] for way in ways(row, failed)]
    allowed = [entry.make(asked) for entry in entries if entry.is_for(user)]
    found = [press for press in allowed if press is not None]
    return found or [press for press in [_open(asked)] if press is not None]


def _open(asked: Asked) -> Press | None:
    row = asked.row
    if row.task_id:
        return Press(pgettext_lazy("button", "Open the task"), reverse("task", args=[row.task_id]))
    if row.order_id:
        return Press(pgettext_lazy("button", "Open the order"), reverse("order", args=[row.order_id]))
    return None


def _account(asked: Asked) -> Press | None:
    row = asked.row
    if row.carrier_account_id:
        url = reverse("admin:carriers_carrieraccount_change", args=[row.carrier_account_id])
    elif row.account_id:
        url = reverse("admin:orders_marketplaceaccount_change", args=[row.account_id])
    else:
        return None
    return Press(pgettext_lazy("button", "Account settings"), url)


def _resume(asked: Asked) -> Press | None:
    if not asked.row.account_id:
        return None  # a carrier is resumed in its settings
    url = reverse("account_resume", args=[asked.row.account_id])
    return Press(pgettext_lazy("button", "Resume"), url, {})


def _fetch(asked: Asked) -> Press | None:
    account, number = asked.row.account, str(asked.row.facts.get("external_id", ""))
    if account is None or not number or not registry.finds(account.kind):
        return None
    url, fields = reverse("find"), {"account": str(account.pk), "number": number}
    return Press(pgettext_lazy("button", "Fetch it again"), url, fields)


def _raw(asked: Asked) -> Press | None:
    if not asked.row.payload_id:
        return None
    return Press(pgettext_lazy("button", "Raw text"), reverse("attention_raw", args=[asked.row.pk]))


def _decide(what: str, label: Promise | str, *, danger: bool = False) -> Make:
    def make(asked: Asked) -> Press | None:
        action = asked.failed
        if action is None:
            return None
        return Press(label, reverse("task_decide", args=[action.task_id, action.pk, what]), {}, danger=danger)

    return make


def _take_off(asked: Asked) -> Press | None:
    code_id = whole(asked.row.key.rpartition(":")[2])
    if not asked.row.task_id or code_id is None:
        return None
    url = reverse("task_remove", args=[asked.row.task_id, code_id])
    return Press(pgettext_lazy("button", "Take the code off"), url, {})


def _step(kind: ActionKind, label: Promise | str, *, danger: bool = False) -> Make:
    """A step is asked for over the page, as on the task's own."""

    def make(asked: Asked) -> Press | None:
        if not asked.row.task_id:
            return None
        url = reverse("task_ask", args=[asked.row.task_id, kind.value])
        return Press(label, url, asks=True, danger=danger)

    return make


def _take_out(asked: Asked) -> Press | None:
    if not asked.row.task_id:
        return None
    url = reverse("task_detail", args=[asked.row.task_id, ActionKind.CHANGE_ITEMS.value])
    return Press(pgettext_lazy("button", "Take it out…"), url, asks=True)


def _shelved(asked: Asked) -> Press:
    note = {"note": _("The goods are back in their place.")}
    return Press(pgettext_lazy("button", "Goods put back"), reverse("attention_resolve", args=[asked.row.pk]), note)


def _found(asked: Asked) -> Press | None:
    item = asked.row.facts.get("item")
    if not asked.row.task_id or not isinstance(item, int):
        return None
    return Press(pgettext_lazy("button", "Found"), reverse("task_found", args=[asked.row.task_id, item]), {})


def _parcel(name: str, label: Promise | str, *, danger: bool = False) -> Make:
    def make(asked: Asked) -> Press | None:
        if not asked.row.shipment_id:
            return None
        return Press(label, reverse(name, args=[asked.row.shipment_id]), asks=True, danger=danger)

    return make


def _page(name: str, label: Promise | str) -> Make:
    return lambda _asked: Press(label, reverse(name))


_ENTRIES: Mapping[Way, Entry] = {
    Way.OPEN: Entry(_open),
    Way.BOARD: Entry(_page("divergence", pgettext_lazy("button", "Divergences"))),
    Way.GLOSSARY: Entry(_page("glossary", pgettext_lazy("button", "Glossary"))),
    Way.JOBS: Entry(_page("dashboard", pgettext_lazy("button", "Dashboard")), "orders.view_marketplaceaccount"),
    Way.RAW: Entry(_raw, *OPEN_RAW),
    Way.FETCH: Entry(_fetch, "orders.act_task"),
    Way.ACCOUNT: Entry(_account, "orders.change_marketplaceaccount"),
    Way.RESUME: Entry(_resume, "orders.change_marketplaceaccount"),
    Way.AGAIN: Entry(_decide("again", pgettext_lazy("button", "Send again")), "orders.act_task"),
    Way.GIVE_UP: Entry(_decide("stop", pgettext_lazy("button", "Give it up"), danger=True), "orders.act_task"),
    Way.TAKE_OFF: Entry(_take_off, "orders.work_task"),
    Way.ACCEPT: Entry(_step(ActionKind.ACCEPT_CANCEL, pgettext_lazy("button", "Accept…")), "orders.act_task"),
    Way.REFUSE: Entry(
        _step(ActionKind.REFUSE_CANCEL, pgettext_lazy("button", "Refuse…"), danger=True), "orders.act_task"
    ),
    Way.SHELVED: Entry(_shelved, "orders.change_attention"),
    Way.FOUND: Entry(_found, "orders.work_task"),
    Way.TAKE_OUT: Entry(_take_out, "orders.act_task"),
    Way.CANCEL: Entry(
        _step(ActionKind.CANCEL, pgettext_lazy("button", "Cancel the order…"), danger=True), "orders.act_task"
    ),
    Way.REPLACE: Entry(_parcel("parcel_replace", pgettext_lazy("button", "Replace the number…")), "orders.work_task"),
    Way.DETACH: Entry(
        _parcel("parcel_detach", pgettext_lazy("button", "Take the parcel off…"), danger=True), "orders.work_task"
    ),
}
