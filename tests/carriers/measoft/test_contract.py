"""MeaSoft against the sandbox over real HTTP, as each plan and each age of a server tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from backoffice.errors import CredentialsError, Refused, Temporary, UpstreamError
from carriers.base import Connection
from carriers.statuses import TrackingStatus
from carriers.types import Problem, ProblemKind
from sandbox.server import RunningSandbox
from tests.carriers.sandbox_world import SandboxWorld
from tests.contract.carrier_changes import TellsChanges
from tests.contract.carrier_suite import CarrierSuite, CarrierWorld, one, pages, told, words

PASSWORD = "planted-secret & <co>"


class MeaSoftWorld(SandboxWorld):
    kind = "measoft"
    harmless: frozenset[str] = frozenset({"list_instead"})
    secret = PASSWORD
    missing = "MW-999999999"
    happy: Sequence[str] = ("NEW", "ACCEPTED", "DELIVERY", "COURIERDELIVERED", "COMPLETE")
    wrong: Mapping[str, str] = {"password": f"wrong {PASSWORD}"}
    # Contract 1.8, "typical paths".
    paths: Mapping[str, Sequence[str]] = {
        "multi-hub": "NEW PICKUP ACCEPTED DEPARTURING DEPARTURE ACCEPTED DELIVERY COMPLETE".split(),
        "pickup point": "NEW ACCEPTED PICKUPREADY COMPLETE".split(),
        "not picked up": "NEW ACCEPTED PICKUPREADY CANCELED RETURNING RETURNED".split(),
        "postponed": "NEW ACCEPTED DELIVERY COURIERRETURN DATECHANGE DELIVERY COMPLETE".split(),
        "refused": "NEW ACCEPTED DELIVERY COURIERCANCELED COURIERRETURN CANCELED RETURNING RETURNED".split(),
        "partial": "NEW ACCEPTED DELIVERY COURIERPARTIALLY PARTIALLY PARTLYRETURNING PARTLYRETURNED".split(),
        "fulfilment": "NEW WMSASSEMBLED WMSDISASSEMBLED WMSASSEMBLED ACCEPTED INVENTORY DELIVERY COMPLETE".split(),
    }
    corrections: Mapping[str, tuple[Sequence[str], int]] = {
        "A": ("NEW ACCEPTED DELIVERY COMPLETE NEW ACCEPTED DELIVERY COMPLETE".split(), 4),
        "B": ("NEW ACCEPTED DELIVERY COURIERDELIVERED COURIERCANCELED CANCELED".split(), 4),
        "C": ("NEW ACCEPTED DELIVERY CANCELED DELIVERY COMPLETE".split(), 4),
    }


def connect(sandbox: RunningSandbox, **options: Any) -> MeaSoftWorld:
    def there(url: str) -> Connection:
        return Connection(url, "xml", {"extra": "8", **options}, {"login": "sandbox", "password": PASSWORD})

    return MeaSoftWorld(sandbox, sandbox.measoft, there)


class TestMeaSoft(TellsChanges, CarrierSuite):
    @pytest.fixture
    def world(self, sandbox: RunningSandbox) -> CarrierWorld:
        return connect(sandbox)


class TestPlans:
    @pytest.mark.parametrize("plan", ["basic", "standard"])
    def test_a_plan_without_a_history(self, sandbox: RunningSandbox, plan: str) -> None:
        sandbox.measoft.tune(plan=plan)
        world = connect(sandbox)

        found = one(world, world.make(*world.happy))

        assert (words(found), found.complete) == (["COMPLETE"], False)
        assert found.current.happened_at is not None
        assert found.meaning is not None
        assert found.meaning.status == TrackingStatus.DELIVERED

    def test_the_bare_word_of_an_old_server(self, sandbox: RunningSandbox) -> None:
        sandbox.measoft.tune(attributes=False)
        world = connect(sandbox)

        found = one(world, world.make(*world.happy))

        assert (words(found), found.complete, found.current.dated) == (["COMPLETE"], False, False)
        assert found.meaning is not None
        assert found.meaning.status == TrackingStatus.DELIVERED

    def test_a_history_that_goes_and_comes_back_is_the_same(self, sandbox: RunningSandbox) -> None:
        """The word alone is one of the events of the history, not a new one."""
        world = connect(sandbox)
        number = world.make(*world.happy)
        before = one(world, number)
        sandbox.measoft.tune(plan="basic")
        without = one(world, number)

        assert before.events[-1].key == without.current.key

    def test_titles_are_the_carriers_own(self, sandbox: RunningSandbox) -> None:
        world = connect(sandbox)
        number = world.make("NEW")
        russian = one(world, number)
        sandbox.measoft.tune(titles="english")
        english = one(world, number)

        assert (russian.current.title, english.current.title) == ("Новый", "New")
        assert russian.digest == english.digest


class TestRefusals:
    @pytest.mark.parametrize("code", [1, 25])
    @pytest.mark.parametrize("shape", ["root", "child"])
    def test_wrong_credentials(self, sandbox: RunningSandbox, code: int, shape: str) -> None:
        sandbox.measoft.tune(auth_code=code, auth_shape=shape)

        with pytest.raises(CredentialsError) as found:
            connect(sandbox).connect("wrong").check()

        assert found.value.code == f"error_{code}"

    @pytest.mark.parametrize(
        ("fault", "number", "kind"),
        [
            ("error_root", 13, Temporary),
            ("error_child", 33, Temporary),
            ("error_root", 14, Refused),
            ("error_text", 13, Refused),
            ("error_root", 25, CredentialsError),
        ],
    )
    def test_shapes(self, sandbox: RunningSandbox, fault: str, number: int, kind: type[UpstreamError]) -> None:
        world = connect(sandbox)
        order = world.make("NEW")
        sandbox.measoft.tune(fault_code=number)
        world.fault(fault)

        with pytest.raises(UpstreamError) as found:
            one(world, order)

        assert type(found.value) is kind
        assert one(world, order).current.code == "NEW"

    @pytest.mark.parametrize(
        ("fault", "number", "kind"),
        [
            ("error_item", 52, ProblemKind.NOT_FOUND),
            ("error_item", 13, ProblemKind.UNREADABLE),
            ("error_empty", 13, ProblemKind.NOT_FOUND),
        ],
    )
    def test_shapes_about_the_number(self, sandbox: RunningSandbox, fault: str, number: int, kind: ProblemKind) -> None:
        world = connect(sandbox)
        order = world.make("NEW")
        sandbox.measoft.tune(fault_code=number)
        world.fault(fault)

        (reply,) = world.carrier.track([order])

        assert isinstance(reply, Problem)
        assert (reply.number, reply.kind) == (order, kind)


class TestChanges:
    def test_committed_changes_do_not_come_again(self, sandbox: RunningSandbox) -> None:
        world = connect(sandbox)
        world.make("NEW")

        pages(world)
        (again,) = pages(world)[0]

        assert again.snapshots == ()
        assert sandbox.measoft.waiting("101") == []

    def test_streams_are_apart(self, sandbox: RunningSandbox) -> None:
        first, second = connect(sandbox, streamid=101), connect(sandbox, streamid=102)
        number = first.make("NEW")

        pages(first)

        assert told(pages(second)[0]) == {number}

    def test_a_price_is_no_news(self, sandbox: RunningSandbox) -> None:
        world = connect(sandbox)
        number = world.make("NEW")
        before = pages(world)[0][0].snapshots[0]
        sandbox.measoft.price(number, 12.5)

        (after,) = world.carrier.changed("").snapshots

        assert (after.number, after.digest) == (number, before.digest)

    def test_many_pages(self, sandbox: RunningSandbox) -> None:
        sandbox.measoft.tune(feed_limit=7)
        world = connect(sandbox)
        numbers = {world.make("NEW") for _ in range(30)}

        found, _cursor = pages(world)

        assert told(found) == numbers
        assert [len(page.snapshots) for page in found] == [7, 7, 7, 7, 2, 0]

    def test_a_commit_that_names_its_orders(self, sandbox: RunningSandbox) -> None:
        world = connect(sandbox, commit_orders=True)
        first = world.make("NEW")
        page = world.carrier.changed("")
        second = world.make("NEW")

        world.carrier.commit(page)

        assert (told([page]), told([world.carrier.changed("")])) == ({first}, {second})
