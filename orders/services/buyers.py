"""Personal data of buyers: the only writer of Buyer and its search tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import payloads
from backoffice.errors import NotAllowed
from backoffice.models import RawPayload
from backoffice.secrets import InvalidToken, token
from carriers import registry as carriers
from orders.enums import EntryKind
from orders.marketplaces.base import Address, BuyerInfo, Phone
from orders.models import AssemblyTask, Buyer, BuyerToken, Shipment

from . import timeline
from .actors import MARKETPLACE, Actor
from .shipping import remarks

#: What stands for something personal in a text that is kept.
MASK = "•••"
#: Parts of an address that lead to a door; a town does not.
_PRIVATE_PARTS = frozenset({"street", "entryphone"})
#: Letters of a name's word by which it is found while it is typed.
SHORTEST_BEGINNING, LONGEST_BEGINNING = 3, 7
_WORD = re.compile(r"\w{2,}", re.UNICODE)
#: Who opens a raw text needs both: it is not masked, and buyers stand in it.
OPEN_RAW = ("backoffice.view_rawpayload", "orders.see_buyers")


def digits(text: str) -> str:
    """A phone as digits; a Russian number written with 8 counts as one with 7."""
    found = re.sub(r"\D", "", text)
    return "7" + found[1:] if len(found) == 11 and found.startswith("8") else found


def words(text: str) -> list[str]:
    return [word.casefold().replace("ё", "е") for word in _WORD.findall(text)]


def search_tokens(text: str) -> list[set[str]]:
    """Tokens a typed text may stand for: each word of a name or its beginning, a full phone, its last four digits.

    A buyer has to have one of each set. A long word may be typed half: its first letters are enough.
    """
    named = [word for word in words(text) if not word.isdigit()]
    found = [{token("name", word), token("name", word[:LONGEST_BEGINNING])} for word in named]
    number = digits(text)
    if len(number) == 4:
        found.append({token("last4", number)})
    elif len(number) >= 10:
        found.append({token("phone", number)})
    return found


def _stored_tokens(full_name: str, phones: Iterable[Phone]) -> set[str]:
    found = {token("name", part) for word in words(full_name) for part in (word, *_beginnings(word))}
    for phone in phones:
        number = digits(phone.number)
        if number:
            found |= {token("phone", number), token("last4", number[-4:])}
    return found


def _beginnings(word: str) -> list[str]:
    """What a word is typed as before it is whole. Fewer letters would tell too much of too many people."""
    return [word[:letters] for letters in range(SHORTEST_BEGINNING, min(len(word), LONGEST_BEGINNING + 1))]


def fresh(order_id: int, address: Address | None, comment: str) -> Buyer:
    """A row not saved yet, for the intake of many orders in one statement."""
    return Buyer(order_id=order_id, address=address_json(address), comment=comment or None)


def address_json(address: Address | None) -> dict[str, Any] | None:
    if address is None:
        return None
    parts = {"parts": dict(address.parts)} if address.parts else {}
    return {"full": address.full, "latitude": address.latitude, "longitude": address.longitude, **parts}


@transaction.atomic
def learn(pairs: Sequence[tuple[AssemblyTask, BuyerInfo]], *, actor: Actor = MARKETPLACE) -> None:
    """Store names and phones the marketplace told. Idempotent: what is known already is written once more, not twice.

    Phones stay where another task of the order brings none: its own are not assigned yet.
    """
    now = timezone.now()
    rows, tokens = [], []
    for task, info in _best(pairs):
        rows.append(Buyer(order_id=task.order_id, name=_name(info), phones=_phones(info), updated_at=now))
        stored = _stored_tokens(f"{info.full_name} {info.first_name}", info.phones)
        tokens += [BuyerToken(buyer_id=task.order_id, token=each) for each in stored]
    Buyer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["order"], update_fields=["name", "phones", "updated_at"]
    )
    BuyerToken.objects.bulk_create(tokens, ignore_conflicts=True)
    timeline.record([_known(task, info, actor) for task, info in pairs], now=now)


def _best(pairs: Sequence[tuple[AssemblyTask, BuyerInfo]]) -> list[tuple[AssemblyTask, BuyerInfo]]:
    """One buyer an order: the one with phones, and none without them where phones are known."""
    by_order = {task.order_id: (task, info) for task, info in sorted(pairs, key=lambda pair: bool(pair[1].phones))}
    without = [order_id for order_id, (_task, info) in by_order.items() if not info.phones]
    known = set(Buyer.objects.filter(order_id__in=without, phones__isnull=False).values_list("order_id", flat=True))
    return [pair for order_id, pair in by_order.items() if order_id not in known]


def _known(task: AssemblyTask, info: BuyerInfo, actor: Actor) -> timeline.Fact:
    key = "complete" if info.complete else "partly"
    return timeline.about(task, EntryKind.BUYER_KNOWN, actor, key, data={"complete": info.complete})


def _name(info: BuyerInfo) -> dict[str, Any]:
    return {
        "first": info.first_name, "full": info.full_name, **({"do_not_call": True} if info.do_not_call else {})
    }  # fmt: skip


def _phones(info: BuyerInfo) -> list[dict[str, Any]]:
    return [{"number": phone.number, "extension": phone.extension, "primary": phone.primary} for phone in info.phones]


def reveal(order_id: int, *, actor: Actor, task: AssemblyTask | None = None) -> Buyer | None:
    """The buyer for a person who asked to see him; who looked is recorded, once an hour and person."""
    buyer = Buyer.objects.filter(order_id=order_id).first()
    if buyer is not None:
        _note_shown({order_id: task.pk if task else None}, actor)
    return buyer


def _note_shown(orders: Mapping[int, int | None], actor: Actor) -> None:
    """``orders``: the task that was looked at, by order. One statement; once an hour and person. Idempotent."""
    key = f"{actor.user_id}:{timezone.now():%Y%m%d%H}"
    facts = [
        timeline.Fact(order_id=order_id, task_id=task_id, kind=EntryKind.BUYER_SHOWN, actor=actor, key=key)
        for order_id, task_id in orders.items()
    ]
    timeline.record(facts)


def open_raw(payload: RawPayload, *, actor: Actor) -> str:
    """A raw text for a person to read, indented when it is JSON. Who looked is recorded at every order it is about.

    Raises ``NotAllowed`` without the rights ``OPEN_RAW``. A text that no key opens says so.
    """
    if actor.user is None or not actor.user.has_perms(OPEN_RAW):
        raise NotAllowed("raw", _("You may not see what upstreams sent: buyers' data stands in it."))
    _note_shown(_described(payload), actor)
    try:
        body = payloads.open_payload(payload)
    except InvalidToken:
        return _("The keys that could open it are not set any more.")
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def _described(payload: RawPayload) -> dict[int, int | None]:
    """Orders a raw text tells of, with the task. Accounts of marketplaces and of carriers are numbered apart."""
    if payload.upstream in carriers.kinds():
        told = Q(raw=payload) | Q(carrier_account_id=payload.account_id, number=payload.subject)
        return dict.fromkeys(Shipment.objects.filter(told).values_list("order_id", flat=True))
    described = Q(raw=payload) | Q(account_id=payload.account_id, external_id=payload.subject)
    return dict(AssemblyTask.objects.filter(described).order_by("-pk").values_list("order_id", "pk"))


@transaction.atomic
def keep_code(order_id: int, action_id: int, code: str) -> None:
    """Keep the confirmation code of an action until it is done. Idempotent."""
    Buyer.objects.get_or_create(order_id=order_id)
    buyer = Buyer.objects.select_for_update(no_key=True).only("codes").get(order_id=order_id)
    Buyer.objects.filter(order_id=order_id).update(codes={**(buyer.codes or {}), str(action_id): code})


def forget_code(order_id: int, action_id: int) -> None:
    """Idempotent."""
    forget_codes([(order_id, action_id)])


@transaction.atomic
def forget_codes(pairs: Iterable[tuple[int, int]]) -> None:
    """Confirmation codes of (order id, action id) are not needed any more. Two statements however many. Idempotent."""
    gone = {(order_id, str(action_id)) for order_id, action_id in pairs}
    kept = Buyer.objects.filter(order_id__in={order_id for order_id, _action in gone}, codes__isnull=False)
    changed = []
    for buyer in kept.select_for_update(no_key=True).only("codes").order_by("pk"):
        left = {action: code for action, code in buyer.codes.items() if (buyer.order_id, action) not in gone}
        if left != buyer.codes:
            buyer.codes = left or None
            changed.append(buyer)
    Buyer.objects.bulk_update(changed, ["codes"])


def codes_for(pairs: Iterable[tuple[int, int]]) -> dict[int, str]:
    """Confirmation codes by action id, for (order id, action id) pairs about to be sent: one statement."""
    wanted = {action_id: order_id for order_id, action_id in pairs}
    rows = Buyer.objects.filter(order_id__in=set(wanted.values())).only("codes")
    by_order: dict[int, dict[str, str]] = {row.order_id: row.codes or {} for row in rows}
    return {
        action_id: by_order[order_id][str(action_id)]
        for action_id, order_id in wanted.items()
        if str(action_id) in by_order.get(order_id, {})
    }


def scrub(order_id: int, text: str) -> str:
    """A foreign text without anything personal of this buyer in it: names, phones, address, comment, codes."""
    buyer = Buyer.objects.filter(order_id=order_id).first()
    if buyer is None:
        return text
    for secret in sorted(_secrets(buyer), key=len, reverse=True):
        text = re.sub(re.escape(secret), MASK, text, flags=re.IGNORECASE)
    return text


def _secrets(buyer: Buyer) -> set[str]:
    phones = [str(phone.get("number", "")) for phone in buyer.phones or []]
    address, handover = buyer.address or {}, buyer.handover or {}
    courier = handover.get("courier") or {}
    texts = [address.get("full", ""), buyer.comment or "", *phones, *map(digits, phones), str(courier.get("phone", ""))]
    texts += [value for name, value in (address.get("parts") or {}).items() if name in _PRIVATE_PARTS]
    known = [(buyer.name or {}).get("first", ""), (buyer.name or {}).get("full", ""), str(courier.get("name", ""))]
    names = _WORD.findall(" ".join(known))
    codes = [str(handover.get(name, "")) for name in ("eac_code", "receive_code", "receive_barcode")]
    found = {*texts, *names, *codes, *(buyer.codes or {}).values()}
    return {secret for secret in found if len(secret) >= 3}


def erase(order_id: int) -> bool:
    """Forget a buyer: one row and its tokens, and what carriers wrote about him. Idempotent: False when there was nothing."""
    remarks.forget(order_id)
    return bool(Buyer.objects.filter(order_id=order_id).delete()[0])
