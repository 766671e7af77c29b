"""Dellin against the sandbox over real HTTP: JSON, XML, and with a personal token."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest

from backoffice.errors import CredentialsError
from carriers.base import Connection
from carriers.statuses import Finality, TrackingStatus
from carriers.types import Problem, ProblemKind
from sandbox.server import RunningSandbox
from tests.carriers.sandbox_world import SandboxWorld
from tests.contract.carrier_changes import TellsChanges
from tests.contract.carrier_suite import CarrierSuite, CarrierWorld, known, one, pages, words

APPKEY = "sandbox-contract"
_numbers = itertools.count(1)


class DellinWorld(SandboxWorld):
    kind = "dellin"
    harmless: frozenset[str] = frozenset({"entity"})
    seller = APPKEY
    secret = APPKEY
    missing = "999999999"
    unknown = "teleported"
    happy: Sequence[str] = (
        "processing pickup/pickup_waiting_pickup pickup/pickup_departed pickup/pickup_arrived pickup/pickup_finished received inway "
        "arrived delivery/delivery_waiting_delivery delivery/delivery_departed delivery/delivery_arrived "
        "delivery/delivery_finished finished"
    ).split()
    wrong: Mapping[str, str] = {"appkey": f"nobody-{APPKEY}"}
    paths: Mapping[str, Sequence[str]] = {
        "to the terminal": "draft waiting received inway arrived finished".split(),
        "by air": "waiting received inway arrived_to_airport airport_warehousing inway arrived finished".split(),
        "stored": "waiting received received_warehousing inway arrived warehousing finished".split(),
        "documents": "waiting received inway delivery/delivery_delivered accompanying_documents_return finished".split(),
        "declined": "processing declined".split(),
    }
    corrections: Mapping[str, tuple[Sequence[str], int]] = {
        "A": ("waiting received inway arrived finished arrived finished".split(), 5),
        "B": (
            "inway delivery/delivery_arrived delivery/delivery_finished delivery/delivery_departed finished".split(),
            3,
        ),
        "C": ("processing declined processing waiting received".split(), 2),
    }

    def wish(self) -> dict[str, Any]:
        return {"fields": {"web": f"MW-{next(_numbers)}"}}

    def own_number(self, number: str) -> str:
        return str(self.helper.parcel(number)["fields"]["web"])


class TokenWorld(DellinWorld):
    check_calls = 2
    wrong: Mapping[str, str] = {"pat": f"nobody-{APPKEY}"}


def connect(sandbox: RunningSandbox, dialect: str = "json", *, token: bool = False, **options: Any) -> DellinWorld:
    def there(url: str) -> Connection:
        return Connection(url, dialect, options, {"appkey": APPKEY, **({"pat": "sandbox"} if token else {})})

    return (TokenWorld if token else DellinWorld)(sandbox, sandbox.dellin, there)


class Dellin(CarrierSuite):
    dialect: ClassVar[str] = "json"
    token: ClassVar[bool] = False

    @pytest.fixture
    def world(self, sandbox: RunningSandbox) -> CarrierWorld:
        return connect(sandbox, self.dialect, token=self.token)


class TestJson(Dellin):
    pass


class TestXml(Dellin):
    dialect = "xml"

    @pytest.fixture
    def world(self, sandbox: RunningSandbox) -> CarrierWorld:
        world = connect(sandbox, "xml")
        world.harmless = frozenset({"list_instead"})
        return world


class TestWithAToken(TellsChanges, Dellin):
    token = True


@pytest.mark.parametrize("dialect", ["json", "xml"])
class TestForms:
    @pytest.mark.parametrize("dates", ["wire", "documented", "compact", "zulu"])
    def test_dates(self, sandbox: RunningSandbox, dialect: str, dates: str) -> None:
        """However they are written, the events are the same ones."""
        world = connect(sandbox, dialect)
        number = world.make(*world.happy)
        usual = one(world, number)
        sandbox.dellin.tune(dates=dates)

        found = one(world, number)

        assert [event.key for event in found.events] == [event.key for event in usual.events]
        assert world.drift == []

    @pytest.mark.parametrize(
        "tuning", [{"int_numbers": True}, {"none_found": "info"}, {"http_status": "ok"}, {"not_found_status": 404}]
    )
    def test_what_documents_and_wire_disagree_about(
        self, sandbox: RunningSandbox, dialect: str, tuning: dict[str, Any]
    ) -> None:
        sandbox.dellin.tune(**tuning)
        world = connect(sandbox, dialect)
        number = world.make(*world.happy)

        found = world.carrier.track([number, "999999998", "999999999"])
        none = world.carrier.track(["999999998", "999999999"])

        assert words(known(found[0])) == list(world.happy)
        assert {reply.kind for reply in (*found[1:], *none) if isinstance(reply, Problem)} == {ProblemKind.NOT_FOUND}
        assert world.drift == []

    def test_other_numbers_of_the_same_order(self, sandbox: RunningSandbox, dialect: str) -> None:
        world = connect(sandbox, dialect)
        (number,) = sandbox.dellin.make(APPKEY, fields={"others": ["16-00191126432"]})

        found = [known(reply) for reply in world.carrier.track([number, "16-00191126432"])]

        assert [snapshot.number for snapshot in found] == [number, "16-00191126432"]
        assert found[0].events == found[1].events

    def test_by_the_shops_own_number(self, sandbox: RunningSandbox, dialect: str) -> None:
        world = connect(sandbox, dialect, number="webOrderNumber")
        number = world.make(*world.happy)
        own = world.own_number(number)

        found = one(world, own)

        assert (found.number, found.own_number, found.aliases) == (own, own, (number,))
        assert words(found) == list(world.happy)


class TestReturns:
    def test_a_return_is_seen_with_a_token_only(self, sandbox: RunningSandbox) -> None:
        seeing, blind = connect(sandbox, token=True), connect(sandbox)
        number = seeing.make("waiting", "received", "inway", "arrived")
        sandbox.dellin.give_back(number, "Отказ получателя")

        on_the_way, unseen = one(seeing, number), one(blind, number)
        seeing.say(number, "finished")
        back = one(seeing, number)

        assert on_the_way.meaning is not None
        assert back.meaning is not None
        assert (on_the_way.meaning.status, on_the_way.returned) == (TrackingStatus.RETURNING, True)
        assert (back.meaning.status, back.meaning.finality) == (TrackingStatus.RETURNED, Finality.FINAL)
        assert on_the_way.details["return_reason"] == "Отказ получателя"
        assert unseen.returned is None
        assert unseen.meaning is not None
        assert unseen.meaning.status == TrackingStatus.READY_FOR_PICKUP

    def test_the_journal_tells_it_too(self, sandbox: RunningSandbox) -> None:
        world = connect(sandbox, token=True)
        number = world.make("inway")
        sandbox.dellin.give_back(number)

        (page,) = [page for page in pages(world)[0] if page.changed]

        assert [(each.number, each.returned, each.own_number) for each in page.changed] == [
            (number, True, world.own_number(number))
        ]

    def test_a_session_that_ran_out_is_renewed(self, sandbox: RunningSandbox) -> None:
        world = connect(sandbox, token=True)
        number = world.make("inway")
        world.carrier.changed("")
        sandbox.advance(90_000)

        assert one(world, number).returned is False
        assert [call["path"] for call in sandbox.calls("/auth/")] == ["/v4/auth/login.json"] * 2

    def test_a_wrong_token(self, sandbox: RunningSandbox) -> None:
        with pytest.raises(CredentialsError):
            connect(sandbox, token=True).connect("wrong").changed("")
