"""Facts made ready for templates: verdicts, entries, the buyer, with the words of the active language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice import words
from carriers import numbers
from orders import codes, floorwords, masking, signs, trackclock, trackwords, wording
from orders.enums import EntryKind, ScanOutcome, Source
from orders.marketplaces import registry
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, Scan, TaskItem, TimelineEntry
from orders.services.warehouse.scanning import Verdict

#: How each outcome looks (``faces.VERDICTS``): on the page of a task, in the bar, and in the list of the last scans.
TONES = {
    ScanOutcome.ACCEPTED: "ok",
    ScanOutcome.REPEAT: "repeat",
    ScanOutcome.OPENED: "info",
    ScanOutcome.ASK: "ask",
    ScanOutcome.REFUSED: "bad",
}
#: Entries whose raw word is the upstream's own and says something to people.
_RAW_SHOWN = (
    EntryKind.STAGE, EntryKind.ORDER_RECEIVED, EntryKind.CODE_STATE, EntryKind.TRACKING, EntryKind.TRACKING_RETRACTED,
)  # fmt: skip
_TAKE_IT = pgettext_lazy("button", "The code is right, take it")
#: What the button says that answers a question with yes.
_YES = {
    "swap": pgettext_lazy("button", "Swap"),
    "came_back": pgettext_lazy("button", "Yes, it came back"),
    "undo": pgettext_lazy("button", "Take it back"),
}
#: The marketplace's own words are kept short beside what they mean; the outbox has them whole.
RAW_LENGTH = 80


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """``again`` is the id of a scan that waits for "yes, take it"; ``undo`` that of the code just accepted.

    ``parcel``: the id of a scan that may be the number of a parcel; ``yes``: what the button says that answers ``again``.
    """

    tone: str
    title: str
    text: str
    note: str
    links: Sequence[tuple[str, str]]
    again: int | None
    undo: int | None
    parcel: int | None = None
    yes: Any = ""


def verdict_of(verdict: Verdict) -> ShownVerdict:
    scan = verdict.scan
    return ShownVerdict(
        tone=TONES[verdict.outcome],
        title=verdict.title,
        text=verdict.text,
        note=" · ".join(verdict.notes),
        links=_links(verdict.facts, scan.task_id if scan else None),
        again=scan.pk if scan and verdict.outcome == ScanOutcome.ASK else None,
        undo=verdict.code.pk if verdict.code and verdict.reason == "accepted" else None,
        parcel=scan.pk if scan and _may_be_a_parcel(scan) else None,
        yes=_YES.get(verdict.reason, _TAKE_IT),
    )


def _may_be_a_parcel(scan: Scan) -> bool:
    """A refused scan that nobody else has, and that is not of goods."""
    if scan.outcome != ScanOutcome.REFUSED or "task" in scan.facts or not numbers.may_be_scanned(scan.raw.strip()):
        return False
    return codes.read(scan.raw).gtin is None and signs.parse(scan.raw) is None


def verdict_of_scan(scan: Scan) -> ShownVerdict:
    """The same from a stored scan, for a page that is opened or reloaded."""
    title, text = str(scan.facts.get("title", "")), str(scan.facts.get("text", ""))
    outcome = ScanOutcome(scan.outcome)
    code = scan.code if outcome == ScanOutcome.ACCEPTED else None
    return verdict_of(Verdict(outcome, scan.reason, title, text, code=code, scan=scan, facts=scan.facts))


def _links(facts: Mapping[str, Any], here: int | None) -> list[tuple[str, str]]:
    if "assignee" in facts and here:
        return [(_("Take over"), reverse("task_take_over", args=[here]))]
    there = facts.get("task")
    if not isinstance(there, int) or there == here:
        return []
    return [(_("Open that task"), reverse("task", args=[there]))]


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """A timeline entry as the component reads it."""

    source: str
    title: str
    detail: str
    happened_at: datetime
    recorded_at: datetime
    actor: Any
    correction: bool
    code: str
    #: The source's own clock, for a title, and what is shown instead of ours where it reads otherwise; whether it was taken
    #: back; the badge of a carrier; where the raw text and the receipt are.
    clock: str = ""
    there: str = ""
    retracted: bool = False
    badge: str = ""
    raw: str = ""
    receipt: str = ""


def entries(
    rows: Sequence[TimelineEntry], account: MarketplaceAccount, words: Iterable[str] = (), *, raw: bool = False
) -> list[ShownEntry]:
    """``words``: names of the raw words the marketplace tells a status by. ``raw``: with links to raw texts."""
    names_ = tuple(words)
    return [_entry(row, account, names_, raw=raw) for row in rows]


def _entry(row: TimelineEntry, account: MarketplaceAccount, words_of: tuple[str, ...], *, raw: bool) -> ShownEntry:
    parcel = row.shipment
    return ShownEntry(
        source=row.source,
        title=wording.entry_title(row, account.kind, words_of),
        detail=_detail(row, account),
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        actor=row.actor,
        correction=row.correction,
        code=_raw(row, account),
        clock=trackwords.entry_clock(row),
        there=trackclock.there(row.data, row.happened_at) if row.source == Source.CARRIER else "",
        retracted=row.kind == EntryKind.TRACKING_RETRACTED,
        badge=parcel.carrier_account.kind if parcel else "",
        raw=_raw_url(row) if raw else "",
        receipt=_receipt_url(row),
    )


def _raw_url(row: TimelineEntry) -> str:
    """Where what the source sent can be read, as far as it is kept: of a carrier's entry the answer that it came with."""
    if row.source == Source.CARRIER:
        kept = timezone.now() - row.recorded_at < timedelta(days=settings.RAW_PAYLOAD_DAYS)
        known = row.shipment_id and isinstance(row.data.get("raw"), int)
        return reverse("entry_raw", args=[row.shipment_id, row.pk]) if known and kept else ""
    return reverse("task_raw", args=[row.task_id]) if row.source == Source.MARKETPLACE and row.task_id else ""


def _receipt_url(row: TimelineEntry) -> str:
    """Where a reaction explains itself; of an action, what made it be sent."""
    known = row.data.get("reaction") if row.kind == EntryKind.REACTION else getattr(row, "receipt_id", None)
    return reverse("reaction", args=[known]) if isinstance(known, int) else ""


def _detail(row: TimelineEntry, account: MarketplaceAccount) -> str:
    if row.kind in trackwords.ENTRIES:
        return trackwords.entry_detail(row)
    if row.kind in floorwords.ENTRIES:
        return floorwords.entry_detail(row)
    return _window(row.data) if row.kind == EntryKind.DELIVERY_WINDOW else wording.asked_with(row, account.kind)


def _raw(row: TimelineEntry, account: MarketplaceAccount) -> str:
    """The marketplace's own word, where the title says it in ours."""
    if row.kind == EntryKind.ACTION_FAILED:
        said = str(row.data.get("detail", ""))
        return said[:RAW_LENGTH] if wording.meaning(account.kind, said) else ""
    return row.code if row.kind in _RAW_SHOWN else ""


def _window(facts: Mapping[str, Any]) -> str:
    """ "tomorrow, 10:00–13:00"; nothing when the marketplace took the window back."""
    ends = [parse_datetime(str(facts.get(name) or "")) for name in ("from", "to")]
    known = [timezone.localtime(end) for end in ends if end]
    if not known:
        return ""
    hours = "–".join(date_format(end, "H:i") for end in known)
    return f"{words.day_name(known[0], timezone.now())}, {hours}"


def names(account: MarketplaceAccount) -> dict[str, Any]:
    """Better words for sources: the marketplace by its own name."""
    return {"marketplace": account.get_kind_display()}


@dataclass(frozen=True, slots=True)
class Handover:
    """A courier of the marketplace, and codes. ``eac_word``: who tells whom the code ``eac``."""

    courier: str = ""
    phone: str = ""
    eac: str = ""
    eac_word: str = ""
    receive: str = ""
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class BuyerPanel:
    """The buyer as shown; ``known`` is False while the marketplace has not told who it is.

    ``organisation``: (what, value) of a business order. ``do_not_call``: he asked not to be called before the delivery.
    ``hand``: who meets whom with which code.
    """

    masked: bool
    known: bool
    name: str
    phones: Sequence[str]
    address: str
    comment: str
    organisation: Sequence[tuple[str, str]] = ()
    do_not_call: bool = False
    hand: Handover | None = None


def buyer_panel(buyer: Buyer | None, *, masked: bool, eac_word: str = "") -> BuyerPanel:
    if buyer is None:
        return BuyerPanel(
            masked, known=False, name="", phones=(), address="", comment="", hand=_hand({}, masked, eac_word)
        )
    full = str((buyer.address or {}).get("full", ""))
    return BuyerPanel(
        masked=masked,
        known=bool(buyer.name),
        name=_name(buyer.name, masked),
        phones=masking.phones(buyer.phones) if masked else [_phone(each) for each in buyer.phones or []],
        address=masking.address(full) if masked else full,
        comment=str(buyer.comment or ""),
        organisation=_organisation(buyer.organisation or {}, masked),
        do_not_call=bool((buyer.name or {}).get("do_not_call")),
        hand=_hand(buyer.handover or {}, masked, eac_word),
    )


def _name(known: Mapping[str, Any] | None, masked: bool) -> str:
    return masking.name(known) if masked else str((known or {}).get("full", "") or masking.name(known))


_ORGANISATION = {
    "name": pgettext_lazy("of an organisation", "Name"),
    "inn": gettext_lazy("INN"),
    "kpp": gettext_lazy("KPP"),
    "address": gettext_lazy("Legal address"),
}


def _organisation(known: Mapping[str, Any], masked: bool) -> list[tuple[str, str]]:
    """It may be a person too: masked as one."""
    told = {name: str(value) for name, value in known.items() if value}
    order = [name for name in _ORGANISATION if name in told] + [name for name in told if name not in _ORGANISATION]
    return [(str(_ORGANISATION.get(name, name)), masking.HIDDEN if masked else told[name]) for name in order]


def _hand(known: Mapping[str, Any], masked: bool, eac_word: str) -> Handover | None:
    courier: Mapping[str, Any] = known.get("courier") or {}
    if not known and not eac_word:
        return None
    codes = [str(known.get(name, "")) for name in ("eac_code", "receive_code", "receive_barcode")]
    eac, receive, barcode = (masking.HIDDEN if masked and code else code for code in codes)
    number = str(courier.get("phone", ""))
    phone = _phone({"number": number, "extension": courier.get("extension", "")}) if number else ""
    return Handover(
        courier=_name({"full": courier.get("name", "")}, masked),
        phone=masking.phone(number) if masked and number else phone,
        eac=eac,
        eac_word=eac_word,
        receive=receive,
        barcode=barcode,
    )


def _phone(known: Mapping[str, Any]) -> str:
    number, extension = str(known.get("number", "")), str(known.get("extension", ""))
    return _("%(number)s, ext. %(extension)s") % {"number": number, "extension": extension} if extension else number


def sums(items: Iterable[TaskItem]) -> list[tuple[Decimal, str]]:
    """What the buyer pays for the items, by currency; amounts are of one unit each."""
    found: dict[str, Decimal] = {}
    for item in items:
        found[item.currency] = found.get(item.currency, Decimal(0)) + item.total
    return [(amount, currency) for currency, amount in found.items()]


def status_words(task: AssemblyTask, account: MarketplaceAccount, step_word: str) -> str:
    """The marketplace's own words in the language of the page, that of the seller's steps first."""
    known = sorted(task.marketplace_status.items(), key=lambda pair: (pair[0] != step_word, pair[0]))
    words = [registry.word_name(account.kind, name, str(value)) for name, value in known]
    return " · ".join(dict.fromkeys(words))


@dataclass(frozen=True, slots=True)
class Wish:
    """A buyer's wish to cancel: since when, until when it waits, and how long that is in words."""

    since: datetime
    until: datetime
    left: str


def wish_of(task: AssemblyTask, offer: Offer | None) -> Wish | None:
    """None when the buyer has not asked, or it is decided."""
    if task.cancel_requested_at is None or not task.is_open or offer is None:
        return None
    until = task.cancel_requested_at + offer.approval
    return Wish(task.cancel_requested_at, until, wording.left(until.isoformat()))
