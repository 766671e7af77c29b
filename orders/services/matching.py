"""Parcels found by the shop's own order number, which a carrier may know them by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext as _

from backoffice import options
from backoffice.errors import Conflict, Invalid
from carriers.base import Carrier
from carriers.models import CarrierAccount
from carriers.types import Changed, Problem, Reply, Snapshot
from orders.enums import AttentionKind
from orders.marketplaces import facts
from orders.models import AssemblyTask, Order, Shipment

from . import attention, carrier_calling, shipments
from .actors import SYSTEM, Actor

#: Option of a carrier account: whether parcels that it tells of by itself are attached to the order of their number.
MATCH_ORDERS = "match_orders"


def match(order_id: int, carrier_account_id: int, *, actor: Actor) -> list[Shipment]:
    """Ask a carrier for the parcels of an order, by the marketplace's numbers and by our own, and attach them. Idempotent.

    A call or two for each number until one is known. Raises ``Invalid`` ("order", "carrier_account"), ``Conflict``
    ("no_parcel", "ambiguous": nothing is attached and a question is asked; "later") and the upstream errors of the calls.
    """
    order = Order.objects.filter(pk=order_id).first()
    account = CarrierAccount.objects.filter(pk=carrier_account_id).first()
    if order is None:
        raise Invalid("order", _("There is no such order."))
    if account is None or not account.active:
        raise Invalid("carrier_account", _("There is no such carrier account, or it is switched off or paused."))
    replies = carrier_calling.with_carrier(account, lambda carrier: _find(carrier, order))
    if replies is None:
        raise Conflict("later", _("Too many calls for now. Try again in a minute."))
    return _attach(order, account, replies, actor)


def _find(carrier: Carrier, order: Order) -> list[Reply]:
    """What is known under the first number of the order or its tasks that the carrier knows."""
    tasks = AssemblyTask.objects.filter(order=order).order_by("pk").values_list("external_id", flat=True)
    for name in dict.fromkeys((order.external_id, *tasks, facts.of_order(order.data).own_number)):
        try:
            replies = carrier.find(name) if name else []
        except Invalid:  # no number of this carrier looks like that
            continue
        if replies:
            return replies
    return []


def _attach(order: Order, account: CarrierAccount, replies: Sequence[Reply], actor: Actor) -> list[Shipment]:
    problems = [reply for reply in replies if isinstance(reply, Problem)]
    if problems:
        _ask(account, order.external_id, str(problems[0].kind), order_id=order.pk)
        text = _("The carrier does not tell the parcels of this order apart: attach one by its number.")
        raise Conflict("ambiguous", text, detail=problems[0].detail)
    if not replies:
        raise Conflict("no_parcel", _("The carrier knows no parcel of this order."))
    found = [shipments.attach(order.pk, account.pk, reply.number, actor=actor) for reply in replies]
    attention.settle(_key(account, order.external_id), actor=actor)
    return found


def adopt(account: CarrierAccount, told_of: Sequence[Snapshot | Changed]) -> int:
    """Attach parcels that a carrier told of by itself to the orders whose number they carry; returns how many. Idempotent.

    One that was ever attached here, and so perhaps taken off, is left alone. A fixed number of statements.
    """
    if not told_of or not options.flag(account.options.get(MATCH_ORDERS, True)):
        return 0
    numbers = {each.number: each.own_number for each in told_of if each.own_number and each.number}
    attached = Shipment.objects.filter(carrier_account=account, number__among=list(numbers))
    known = set(attached.values_list("number", flat=True))
    told: dict[str, list[str]] = defaultdict(list)
    for number, own in numbers.items():
        if number not in known:
            told[own].append(number)
    orders = orders_of(list(told))
    for own, ids in orders.items():
        if len(ids) > 1:
            _ask(account, own, "ambiguous")
    single = [(own, ids[0]) for own, ids in orders.items() if len(ids) == 1]
    wanted = [shipments.Wanted(pk, account.pk, number) for own, pk in single for number in told[own]]
    outcomes = shipments.attach_many(wanted, actor=SYSTEM) if wanted else []
    return sum(isinstance(each, shipments.Attached) for each in outcomes)


def orders_of(numbers: Collection[str]) -> Mapping[str, Sequence[int]]:
    """Ids of the orders that have this number, or a task with it; several when shops share a number. Two statements."""
    found: dict[str, set[int]] = defaultdict(set)
    orders = Order.objects.filter(external_id__among=sorted(numbers)).values_list("external_id", "pk")
    tasks = AssemblyTask.objects.filter(external_id__among=sorted(numbers)).values_list("external_id", "order_id")
    for number, pk in (*orders, *tasks):
        found[number].add(pk)
    return {number: sorted(ids) for number, ids in found.items()}


def _key(account: CarrierAccount, number: str) -> str:
    return f"tracking_match:{account.ref}:{number}"


def _ask(account: CarrierAccount, number: str, problem: str, *, order_id: int | None = None) -> None:
    question = attention.Question(
        AttentionKind.TRACKING_PROBLEM, _key(account, number), carrier_account_id=account.pk, order_id=order_id,
        facts={"number": number, "problem": problem, "carrier": account.kind},
    )  # fmt: skip
    attention.open_one(question)
