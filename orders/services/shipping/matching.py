"""Which parcel of ours a carrier speaks of: by the number it was attached by, by another one of its numbers, or by the order's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from backoffice import options
from backoffice.errors import Conflict, Invalid
from carriers.base import Carrier
from carriers.models import CarrierAccount
from carriers.types import ASKED_AS, Changed, Problem, Reply, Snapshot
from orders.enums import AttentionKind
from orders.marketplaces import facts
from orders.models import AssemblyTask, Order, Shipment
from orders.models.order import OWN_NUMBER
from orders.services import attention
from orders.services.actors import SYSTEM, Actor

from . import carrier_calling, shipments

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
    found = [
        _attached(order, account, reply) or shipments.attach(order.pk, account.pk, reply.number, actor=actor)
        for reply in replies
    ]
    attention.settle(_key(account, order.external_id), actor=actor)
    return found


def _attached(order: Order, account: CarrierAccount, reply: Reply) -> Shipment | None:
    """The order's parcel that is attached by another of its numbers."""
    names = reply.names if isinstance(reply, Snapshot) else (reply.number,)
    rows = Shipment.objects.filter(order=order, carrier_account=account, number__among=sorted(names), detached_at=None)
    return rows.order_by("pk").first()


def adopt(account: CarrierAccount, told_of: Sequence[Snapshot | Changed]) -> int:
    """Attach parcels that a carrier told of by itself to the orders whose number they carry; returns how many. Idempotent.

    One that was ever attached here by any of its numbers, and so perhaps taken off, is left alone. A fixed number of statements.
    """
    if not told_of or not options.flag(account.options.get(MATCH_ORDERS, True)):
        return 0
    parcels = {each.number: each for each in told_of if each.own_number and each.number}
    names = {name for each in parcels.values() for name in (*each.names, each.own_number)}
    attached = Shipment.objects.filter(carrier_account=account, number__among=sorted(names))
    known = set(attached.values_list("number", flat=True))
    told: dict[str, list[str]] = defaultdict(list)
    for number, each in parcels.items():
        if known.isdisjoint((*each.names, each.own_number)):
            told[each.own_number].append(number)
    orders = orders_of(list(told))
    for own, ids in orders.items():
        if len(ids) > 1:
            _ask(account, own, "ambiguous")
    single = [(own, ids[0]) for own, ids in orders.items() if len(ids) == 1]
    wanted = [shipments.Wanted(pk, account.pk, number) for own, pk in single for number in told[own]]
    outcomes = shipments.attach_many(wanted, actor=SYSTEM) if wanted else []
    return sum(isinstance(each, shipments.Attached) for each in outcomes)


class Asked:
    """Numbers that parcels are asked about by, and back: one that was reached by another of its numbers is asked by that."""

    def __init__(self, rows: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        """``rows``: number and details of each parcel."""
        self._asked: dict[str, list[str]] = defaultdict(list)
        for number, details in rows:
            self._asked[details.get(ASKED_AS) or number].append(number)

    @property
    def numbers(self) -> list[str]:
        return list(self._asked)

    def back(self, replies: Iterable[Reply]) -> list[Reply]:
        """Each reply under the numbers its parcels have here."""
        return [_as(reply, number) for reply in replies for number in self._asked.get(reply.number, [reply.number])]


def addressed(account: CarrierAccount, replies: Sequence[Reply]) -> list[Reply]:
    """Replies that nobody has asked for, under the numbers our parcels were attached by. One statement.

    Another number of a parcel only counts for a shipment that nothing was told of yet, or that was reached by it before: the
    same digits may be the number of another parcel.
    """
    names = {name for reply in replies if isinstance(reply, Snapshot) for name in reply.names}
    rows = Shipment.objects.filter(carrier_account=account, number__among=sorted(names), detached_at=None)
    known = {number: (details.get(ASKED_AS), news_at) for number, details, news_at in rows.values_list(*_TOLD)}
    mine = {reply.number for reply in replies}
    found = list(replies)
    for reply in replies:
        others = reply.names[1:] if isinstance(reply, Snapshot) else ()
        for name in others:
            asked_as, news_at = known.get(name, (None, None))
            if name in known and name not in mine and (asked_as == reply.number or not (asked_as or news_at)):
                found.append(_as(reply, name))
    return found


_TOLD = ("number", "details", "news_at")


def _as(reply: Reply, number: str) -> Reply:
    """The same of a parcel that has another number here."""
    if number == reply.number:
        return reply
    if isinstance(reply, Problem):
        return replace(reply, number=number)
    return replace(
        reply, number=number, details={**reply.details, ASKED_AS: reply.details.get(ASKED_AS) or reply.number}
    )


def orders_of(numbers: Collection[str]) -> Mapping[str, Sequence[int]]:
    """Ids of the orders that have this number, a task with it, or it as our own; several when shops share a number.

    Three statements.
    """
    found: dict[str, set[int]] = defaultdict(set)
    orders = Order.objects.filter(external_id__among=sorted(numbers)).values_list("external_id", "pk")
    tasks = AssemblyTask.objects.filter(external_id__among=sorted(numbers)).values_list("external_id", "order_id")
    own = Order.objects.annotate(own=OWN_NUMBER).filter(own__among=sorted(numbers)).values_list("own", "pk")
    for number, pk in (*orders, *tasks, *own):
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
