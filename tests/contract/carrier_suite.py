"""What every carrier must do, whatever it speaks: run over real HTTP against its stand-in.

A test class of a carrier (or of one dialect) inherits :class:`CarrierSuite` and gives it a ``world`` fixture.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from backoffice.errors import CredentialsError, Invalid, RateLimited, Temporary, Unreadable
from carriers import registry
from carriers.base import Carrier
from carriers.statuses import Change, Finality, Meaning, TrackingStatus, classify
from carriers.types import Page, Problem, ProblemKind, Reply, Snapshot, arrange


class CarrierWorld(Protocol):
    """A carrier as contract tests see it: our provider, and what its stand-in can be told and asked."""

    carrier: Carrier
    drift: list[tuple[str, str, str]]
    #: Text of the credentials that must not show anywhere.
    secret: str
    #: Calls of ``check``.
    check_calls: int
    #: A number that nobody has.
    missing: str
    #: Words from the first one to a delivery that is final, each of them once; and a word of no table.
    happy: Sequence[str]
    unknown: str
    #: Paths that hold no correction, and those that do: the words, and which of their steps is one.
    paths: Mapping[str, Sequence[str]]
    corrections: Mapping[str, tuple[Sequence[str], int]]
    #: Faults of an answer that its dialect does not know.
    harmless: frozenset[str]

    def connect(self, who: str) -> Carrier:
        """A provider with other credentials, "wrong", or with an address where nobody lives, "unreachable"."""

    def make(self, *words: str) -> str:
        """A parcel that has come through these words; its number."""

    def say(self, number: str, word: str) -> None:
        """The next word, later than all before."""

    def drop_last(self, number: str) -> None:
        """The last entry of the history was never written."""

    def spoil(self, number: str, how: str) -> None:
        """shuffled, repeated, ambiguous or missing."""

    def own_number(self, number: str) -> str:
        """The shop's number of this parcel."""

    def fault(self, kind: str) -> None:
        """The next call meets: html, half, malformed, wrong_encoding, bomb, entity, bad_dates, other_number, 500, 503, 429, slow."""

    def calls(self) -> int:
        """Calls that have arrived."""


def one(world: CarrierWorld, number: str) -> Snapshot:
    (reply,) = world.carrier.track([number])
    return known(reply)


def known(reply: Reply) -> Snapshot:
    assert isinstance(reply, Snapshot), reply
    return reply


def words(snapshot: Snapshot) -> list[str]:
    """The history in the carrier's words, as the glossary writes them."""
    return [f"{event.code}/{event.subcode}" if event.subcode else event.code for event in snapshot.events]


def meanings(world: CarrierWorld, number: str, path: Sequence[str]) -> list[Meaning]:
    """What a parcel that has said the first word means after each of the others too."""
    found = [one(world, number).meaning]
    for word in path[1:]:
        world.say(number, word)
        found.append(one(world, number).meaning)
    return [meaning for meaning in found if meaning is not None]


def pages(world: CarrierWorld, cursor: str = "") -> tuple[list[Page], str]:
    """All pages that wait, each of them committed; and the place after them."""
    found: list[Page] = []
    while not found or found[-1].more:
        found.append(world.carrier.changed(cursor))
        world.carrier.commit(found[-1])
        cursor = found[-1].cursor
        assert len(found) < 50
    return found, cursor


def told(found: Sequence[Page]) -> set[str]:
    """Numbers of parcels that pages named."""
    whole = {each.number for page in found for each in page.snapshots}
    return whole | {each.number for page in found for each in page.changed}


class CarrierSuite:
    @pytest.fixture
    def world(self) -> CarrierWorld:
        raise NotImplementedError

    # Who we are.

    def test_check(self, world: CarrierWorld) -> None:
        world.carrier.check()

        assert world.calls() == world.check_calls
        assert world.drift == []

    def test_credentials_that_are_not_accepted(self, world: CarrierWorld) -> None:
        with pytest.raises(CredentialsError) as caught:
            world.connect("wrong").check()

        assert world.secret not in f"{caught.value!r} {caught.value.detail} {vars(caught.value)}"

    def test_nobody_listens(self, world: CarrierWorld) -> None:
        with pytest.raises(Temporary):
            world.connect("unreachable").check()

    # Parcels.

    def test_a_parcel_and_its_history(self, world: CarrierWorld) -> None:
        number = world.make(*world.happy)

        found = one(world, number)

        assert found.number == number
        assert words(found) == list(world.happy)
        assert found.current == found.events[-1]
        assert found.complete
        assert all(event.dated and event.title and event.meaning for event in found.events)
        assert len({event.key for event in found.events}) == len(found.events)
        assert {len(event.key) for event in found.events} == {32}
        assert found.meaning is not None
        assert (found.meaning.status, found.meaning.finality) == (TrackingStatus.DELIVERED, Finality.FINAL)
        assert found.delivered_on is not None
        assert found.raw
        assert world.drift == []

    def test_times_are_aware_and_keep_what_the_carrier_wrote(self, world: CarrierWorld) -> None:
        before = datetime.now(UTC) - timedelta(days=2)

        found = one(world, world.make(*world.happy))

        for event in found.events:
            assert event.happened_at is not None
            assert event.happened_at.tzinfo is not None
            assert before < event.happened_at < datetime.now(UTC) + timedelta(hours=1)

    def test_every_step_of_the_way_and_only_the_last_is_final(self, world: CarrierWorld) -> None:
        number = world.make(world.happy[0])

        found = meanings(world, number, world.happy)

        assert len(found) == len(world.happy)
        assert [meaning.finality == Finality.FINAL for meaning in found] == [False] * (len(found) - 1) + [True]

    def test_every_word_means_what_the_glossary_says(self, world: CarrierWorld) -> None:
        for word, meaning in registry.glossary(world.carrier.kind).items():
            found = one(world, world.make(world.happy[0], word) if word != world.happy[0] else world.make(word))

            assert words(found)[-1] == word
            assert found.current.meaning == meaning
        assert world.drift == []

    def test_the_same_again_is_the_same(self, world: CarrierWorld) -> None:
        number = world.make(*world.happy)

        first, second = one(world, number), one(world, number)

        assert first == second
        assert first.digest == second.digest

    @pytest.mark.parametrize("how", ["shuffled", "repeated"])
    def test_order_and_doubles_do_not_matter(self, world: CarrierWorld, how: str) -> None:
        number = world.make(*world.happy)
        before = one(world, number)

        world.spoil(number, how)
        after = one(world, number)

        assert (after.events, after.current, after.meaning) == (before.events, before.current, before.meaning)
        assert after.digest == before.digest

    def test_polls_on_the_way_add_up_to_the_history(self, world: CarrierWorld) -> None:
        number = world.make(world.happy[0])
        seen = list(one(world, number).events)
        for word in world.happy[1:]:
            world.say(number, word)
            seen += one(world, number).events

        assert arrange(seen) == one(world, number).events

    def test_a_batch_with_all_that_can_be_wrong(self, world: CarrierWorld) -> None:
        good, double, gone = world.make(*world.happy), world.make(world.happy[0]), world.make(world.happy[0])
        world.spoil(double, "ambiguous")
        world.spoil(gone, "missing")
        asked = [gone, good, double, world.missing, "?"]
        size = world.carrier.offer.batch

        found = [reply for start in range(0, 5, size) for reply in world.carrier.track(asked[start : start + size])]

        assert [reply.number for reply in found] == asked
        assert known(found[1]).current.dated
        assert [reply.kind for reply in found if isinstance(reply, Problem)] == [
            ProblemKind.NOT_FOUND,
            ProblemKind.AMBIGUOUS,
            ProblemKind.NOT_FOUND,
            ProblemKind.NOT_FOUND,
        ]

    def test_more_than_a_batch_is_refused_and_not_sent(self, world: CarrierWorld) -> None:
        numbers = [world.make(world.happy[0]) for _ in range(world.carrier.offer.batch + 1)]

        with pytest.raises(Invalid):
            world.carrier.track(numbers)

        assert world.calls() == 0

    def test_numbers_are_looked_at_before_they_are_sent(self, world: CarrierWorld) -> None:
        number = world.make(world.happy[0])

        assert world.carrier.clean_number(f" {number} ") == number
        with pytest.raises(Invalid) as caught:
            world.carrier.clean_number("")
        assert str(caught.value.message)
        assert isinstance(world.carrier.track([""])[0], Problem)
        assert world.calls() == 0

    def test_find_by_the_shops_own_number(self, world: CarrierWorld) -> None:
        number = world.make(*world.happy)

        (found,) = world.carrier.find(world.own_number(number))

        assert known(found).number == number
        assert known(found).own_number == world.own_number(number)
        assert words(known(found)) == list(world.happy)
        assert world.carrier.find(world.missing) == []

    # Words that are not what they seem.

    def test_usual_paths_hold_no_correction(self, world: CarrierWorld) -> None:
        for name, path in world.paths.items():
            found = meanings(world, world.make(path[0]), path)

            assert len(found) == len(path), name
            steps = [classify(before, after) for before, after in itertools.pairwise(found)]
            assert Change.CORRECTION not in steps, name

    def test_corrections_are_told_as_they_are(self, world: CarrierWorld) -> None:
        for name, (path, place) in world.corrections.items():
            number = world.make(path[0])
            found = meanings(world, number, path)

            steps = [classify(before, after) for before, after in itertools.pairwise(found)]
            assert [step == Change.CORRECTION for step in steps] == [n + 1 == place for n in range(len(steps))], name
            assert words(one(world, number)) == list(path), name

    def test_an_entry_that_was_taken_back(self, world: CarrierWorld) -> None:
        number = world.make(*world.happy)
        before = one(world, number)

        world.drop_last(number)
        after = one(world, number)

        assert after.complete
        assert before.events[:-1] == after.events
        assert after.current == after.events[-1]

    def test_an_unknown_word_moves_nothing_and_is_counted(self, world: CarrierWorld) -> None:
        number = world.make(*world.happy[:-1])

        world.say(number, world.unknown)
        found = one(world, number)

        assert (found.current.code, found.meaning) == (world.unknown, None)
        assert len(found.events) == len(world.happy)
        assert {kind for _place, kind, _name in world.drift} == {"value"}

    # Bad days.

    @pytest.mark.parametrize(
        "kind",
        ["html", "half", "malformed", "wrong_encoding", "bomb", "entity", "truncated", "list_instead", "500", "503"],
    )
    def test_an_answer_that_is_none(self, world: CarrierWorld, kind: str) -> None:
        """The call after it is as good as ever, and nothing was lost."""
        number = world.make(*world.happy)
        before = one(world, number)
        world.fault(kind)

        if kind in world.harmless:
            assert one(world, number) == before
        else:
            with pytest.raises((Unreadable, Temporary)):
                one(world, number)
        assert one(world, number) == before

    def test_a_megabyte_in_one_place(self, world: CarrierWorld) -> None:
        number = world.make(*world.happy)
        before = one(world, number)
        world.fault("megabyte")

        assert one(world, number).events == before.events

    def test_times_that_are_none(self, world: CarrierWorld) -> None:
        """No event gets the time of our reading: it would be another one at every poll."""
        number = world.make(*world.happy)
        world.fault("bad_dates")
        first = one(world, number)
        world.fault("bad_dates")
        second = one(world, number)

        assert first.events == second.events
        assert not any(event.dated for event in first.events)
        assert {kind for _place, kind, _name in world.drift} == {"value"}

    def test_an_answer_about_another_number(self, world: CarrierWorld) -> None:
        number = world.make(*world.happy)
        world.fault("other_number")

        (reply,) = world.carrier.track([number])

        assert isinstance(reply, Problem)
        assert reply.number == number
        assert world.drift

    def test_too_many_calls(self, world: CarrierWorld) -> None:
        number = world.make(world.happy[0])
        world.fault("429")

        with pytest.raises(RateLimited) as caught:
            world.carrier.track([number])

        assert caught.value.until is not None
        assert caught.value.until > datetime.now(UTC)
