"""Actions on their way out (contract 2.5): which call they become, and what is said about each."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from backoffice.errors import Gone, Refused
from backoffice.reading import Reader, text
from orders.enums import ActionKind
from orders.marketplaces.base import Outgoing, Result

from . import outcomes, routes, rules, writing
from .client import Call, Client
from .refusals import ABOUT_THE_CALL
from .routes import Route
from .schemas import DoneWire, IdentifiersWire, OrderStatusWire, StatusUpdateWire

#: Statuses of a refused call that speak of its only order; in others (401, 403 …) the shop is meant.
_ABOUT_THE_ORDER = frozenset({400, 404, 409, 422})


class Sender:
    """Sends the actions of one account."""

    def __init__(self, client: Client, reader: Reader) -> None:
        self._client = client
        self._reader = reader

    def send(self, kind: ActionKind, actions: Sequence[Outgoing]) -> list[Result]:
        """One call, none for what cannot be written down. Raises ``Refused`` for an action that is not offered."""
        if kind in rules.STEPS:
            return self._steps(kind, actions)
        (action,) = actions
        if kind == ActionKind.PUT_CODES:
            return [self._codes(action)]
        if kind in routes.DETAILS:
            return [self._detail(action)]
        raise Refused("not_offered", _("Yandex Market does not have this action."))

    def _steps(self, kind: ActionKind, actions: Sequence[Outgoing]) -> list[Result]:
        if len(actions) == 1 and actions[0].date:
            return [self._dated(kind, actions[0])]
        rows, good, refused = [], [], []
        for action in actions:
            try:
                if action.date:
                    raise writing.Missing(_("An action with a date travels alone."))
                rows.append(writing.status_row(kind, action))
                good.append(action)
            except writing.UNWRITABLE as error:
                refused.append(outcomes.not_sent(action, _why(error)))
        return refused + (self._statuses(good, rows) if good else [])

    def _statuses(self, actions: Sequence[Outgoing], rows: Sequence[object]) -> list[Result]:
        route = routes.STATUSES
        try:
            answer = self._client.call(route, Call(json={"orders": rows}, cost=len(rows)))
        except Refused as error:
            return [_alone(actions, error)]
        document = self._reader.document(answer, StatusUpdateWire, route.place)
        found = self._reader.rows(document.result.orders, OrderStatusWire, route.place)
        return outcomes.of_statuses(actions, found, reader=self._reader, place=route.place)

    def _dated(self, kind: ActionKind, action: Outgoing) -> Result:
        """With the real date of the delivery; the answer is the order."""
        try:
            call = Call(order=_order(action), json=writing.dated_status(kind, action))
        except writing.UNWRITABLE as error:
            return outcomes.not_sent(action, _why(error))
        try:
            return outcomes.of_order(action, self._client.call(routes.STATUS, call))
        except Refused as error:
            return _alone([action], error)

    def _codes(self, action: Outgoing) -> Result:
        try:
            call = Call(order=_order(action), json=writing.identifiers(action))
        except writing.UNWRITABLE as error:
            return outcomes.not_sent(action, _why(error))
        try:
            answer = self._client.call(routes.CODES, call)
        except Refused as error:
            return _alone([action], error)
        document = self._reader.document(answer, IdentifiersWire, routes.CODES.place)
        if text(document.status) != outcomes.OK:
            raise answer.unreadable("`status` is not OK")
        return outcomes.of_codes(action, document, answer.status)

    def _detail(self, action: Outgoing) -> Result:
        try:
            call = Call(order=_order(action), json=writing.detail(action), confidential=_keys(action))
        except writing.UNWRITABLE as error:
            return outcomes.not_sent(action, _why(error))
        try:
            return self._done(action, routes.DETAILS[action.kind], call)
        except Refused as error:
            return _alone([action], error)

    def _done(self, action: Outgoing, route: Route, call: Call) -> Result:
        """A yes is ``{"status": "OK"}``. Raises ``Uncertain`` for another answer, e.g. the page of a proxy."""
        answer = self._client.call(route, call)
        silent = route.silent and not answer.body.strip()
        if not silent and text(answer.decode(DoneWire).status) != outcomes.OK:
            raise answer.unreadable("`status` is not OK")
        return Result(action.external_id, ok=True, status=answer.status)


def _order(action: Outgoing) -> str:
    """Raises ``Missing``."""
    return str(writing.order_id(action.external_id))


def _keys(action: Outgoing) -> list[str]:
    """Digital keys are worth money: they are hidden in the words of an error."""
    if action.kind != ActionKind.GIVE_DIGITAL:
        return []
    return [key for keys in writing.keys_of(action).values() for key in keys]


def _why(error: Exception) -> str:
    """For people where it was written for them; else without the value, which may be anything."""
    return str(error) if isinstance(error, writing.Missing) else _("Something that this action needs is missing.")


def _alone(actions: Sequence[Outgoing], error: Refused) -> Result:
    """The result of a refused call that carried one order and was refused for its sake. Raises ``error`` otherwise."""
    about_it = error.status in _ABOUT_THE_ORDER and error.code not in ABOUT_THE_CALL
    if len(actions) != 1 or isinstance(error, Gone) or not about_it:
        raise error
    return outcomes.of_refusal(actions[0], error)
