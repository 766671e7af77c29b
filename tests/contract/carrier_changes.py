"""What every carrier must do that tells what changed: stored first, committed after, and no page blocks those behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.errors import Temporary, Unreadable

from .carrier_suite import CarrierWorld, pages, told


class TellsChanges:
    """Of accounts that are told what changed."""

    def test_changes_and_nothing_is_lost(self, world: CarrierWorld) -> None:
        numbers = [world.make(world.happy[0]) for _ in range(60)]

        found, cursor = pages(world)
        world.say(numbers[7], world.happy[1])
        later, _cursor = pages(world, cursor)

        assert told(found) == set(numbers)
        assert numbers[7] in told(later)
        for page in (*found, *later):
            assert page.broken == ()
            assert bool(page.snapshots) <= world.carrier.offer.tells_whole

    def test_a_page_that_was_not_kept_comes_again(self, world: CarrierWorld) -> None:
        number = world.make(world.happy[0])

        first, second = world.carrier.changed(""), world.carrier.changed("")

        assert told([first]) == told([second]) == {number}

    @pytest.mark.parametrize(
        "kind", ["html", "half", "malformed", "wrong_encoding", "bomb", "entity", "truncated", "list_instead", "503"]
    )
    def test_a_page_that_is_none_comes_again(self, world: CarrierWorld, kind: str) -> None:
        number = world.make(*world.happy)
        world.carrier.check()  # what is asked for besides is asked for by now
        world.carrier.changed("")
        world.fault(kind)

        if kind in world.harmless:
            assert told([world.carrier.changed("")]) == {number}
        else:
            with pytest.raises((Unreadable, Temporary)):
                world.carrier.changed("")
        assert told([world.carrier.changed("")]) == {number}

    @pytest.mark.parametrize("kind", ["bad_dates", "megabyte"])
    def test_a_page_with_nonsense_in_it(self, world: CarrierWorld, kind: str) -> None:
        number = world.make(*world.happy)
        world.carrier.changed("")
        world.fault(kind)

        page = world.carrier.changed("")

        assert told([page]) == {number}
        assert page.broken == ()

    def test_a_page_that_is_passed_over(self, world: CarrierWorld) -> None:
        """Without a call; what changes after it is told as ever."""
        number = world.make(world.happy[0])
        cursor = world.carrier.changed("").cursor
        before = world.calls()

        page = world.carrier.pass_over(cursor)

        assert world.calls() == before
        assert (page.snapshots, page.changed, page.broken, page.more) == ((), (), (), False)
        world.carrier.commit(page)
        world.say(number, world.happy[1])
        assert number in told(pages(world, page.cursor)[0])

    def test_the_offer_says_so(self, world: CarrierWorld) -> None:
        assert world.carrier.offer.tells_changes
        assert world.carrier.offer.changes_every > timedelta(0)
