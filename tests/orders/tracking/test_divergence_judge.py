"""Marketplace, carrier and ours: every cell of the state space has a verdict; those that matter are written down by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest

from carriers.statuses import Finality, TrackingStatus
from orders.divergence import (
    TODO,
    Agreement,
    Carrier,
    Ours,
    Risk,
    Verdict,
    Way,
    combine,
    fits,
    judge,
    way_of,
)
from orders.enums import OPEN_STAGES, TASK_ACTIONS, ActionKind, Severity, Stage

S, T, A = Stage, TrackingStatus, ActionKind
OPEN, PROVISIONAL, FINAL = Finality.OPEN, Finality.PROVISIONAL, Finality.FINAL
NOTHING = Ours()
AGREE, WE, THEY, CLASH = Agreement.AGREE, Agreement.WE_ARE_BEHIND, Agreement.THEY_ARE_BEHIND, Agreement.CONTRADICTION
NOW, A_DAY = timedelta(0), timedelta(days=1)


def all_of_ours() -> Iterator[Ours]:
    """Nothing; and each step asked for, waiting, suggested, or stopped by a correction."""
    yield NOTHING
    for kind in TASK_ACTIONS:
        one = frozenset({kind})
        yield from (Ours(asked=one), Ours(waiting=one), Ours(suggested=one), Ours(overtaken=one))


def space() -> Iterator[tuple[Stage, Carrier | None, Ours]]:
    carriers: list[Carrier | None] = [None, *product(TrackingStatus, Finality)]
    yield from product(Stage, carriers, all_of_ours())


def test_every_cell_has_a_verdict() -> None:
    verdicts = [judge(*cell) for cell in space()]

    assert len(verdicts) == 11 * (1 + 18 * 3) * (1 + 7 * 4) == 17545
    assert Counter(verdict.kind for verdict in verdicts) == COUNTS


def test_every_verdict_makes_sense() -> None:
    for stage, carrier, ours in space():
        verdict = judge(stage, carrier, ours)
        agrees = verdict.kind == AGREE
        assert agrees == (verdict.risk == Risk.NONE), (stage, carrier, ours)
        assert agrees or verdict.risk in TODO
        assert not agrees or verdict == Verdict(AGREE)
        # Only we can be behind with something to press.
        assert not verdict.actions or verdict.kind == WE
        assert len(set(verdict.actions)) == len(verdict.actions)
        # What cannot both be true is never left for later.
        assert verdict.kind != CLASH or verdict.patience == NOW
        assert verdict.patience is not None or ours.waiting


def test_where_they_fit_nothing_of_ours_says_otherwise() -> None:
    """What is under way here is not even read there."""
    for stage, carrier, ours in space():
        assert not fits(stage, carrier) or judge(stage, carrier, ours) == Verdict(AGREE), (stage, carrier, ours)
    assert Counter(fits(stage, carrier) for stage, carrier, ours in space() if ours == NOTHING) == FITTING


def test_what_is_not_final_never_asks_for_what_cannot_be_taken_back() -> None:
    for stage, carrier, ours in space():
        if carrier is None or carrier[1] == FINAL or way_of(carrier) == Way.BACK:
            continue
        assert not {A.RECEIVE, A.REJECT, A.CANCEL}.intersection(judge(stage, carrier, ours).actions), (stage, carrier)


def test_a_closed_order_asks_for_no_action() -> None:
    for stage, carrier, ours in space():
        if stage not in OPEN_STAGES:
            assert judge(stage, carrier, ours).actions == ()


#: Reckoned by hand from the numbers of cells: 171 pairs of stage and carrier where we are behind, 118 where they are, 125 that
#: clash, each with 29 states of ours; in 219 of the first we have asked for what settles it, so that they are behind.
COUNTS = {WE: 171 * 29 - 219, THEY: 118 * 29 + 219, CLASH: 125 * 29, AGREE: (605 - 171 - 118 - 125) * 29}
FITTING = {True: 605 - 171 - 118 - 125, False: 171 + 118 + 125}
#: Stage, tracking status and finality, what it is, what is at risk, what would settle it, how urgent, how long it may wait.
CELLS = [
    # Delivered there, still delivering here.
    (S.DELIVERING, T.DELIVERED, FINAL, WE, Risk.LATE, (A.RECEIVE,), Severity.WARNING, NOW),
    (S.AT_PICKUP_POINT, T.DELIVERED, FINAL, WE, Risk.LATE, (A.RECEIVE,), Severity.WARNING, NOW),
    (S.READY, T.DELIVERED, FINAL, WE, Risk.LATE, (A.DELIVER, A.RECEIVE), Severity.URGENT, NOW),
    (S.NEW, T.DELIVERED, FINAL, WE, Risk.LATE, (A.CONFIRM, A.DELIVER, A.RECEIVE), Severity.URGENT, NOW),
    # Said by the courier only: nothing follows yet.
    (S.DELIVERING, T.DELIVERED_UNCONFIRMED, PROVISIONAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.DELIVERING, T.DELIVERED, PROVISIONAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.DELIVERING, T.PARTIALLY_DELIVERED_UNCONFIRMED, PROVISIONAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.ASSEMBLING, T.DELIVERED_UNCONFIRMED, PROVISIONAL, WE, Risk.HAND_OVER, (A.DELIVER,), Severity.URGENT, NOW),
    # Returned there, received here.
    (S.RECEIVED, T.RETURNED, FINAL, CLASH, Risk.MONEY, (), Severity.URGENT, NOW),
    (S.RECEIVED, T.RETURNING, OPEN, CLASH, Risk.MONEY, (), Severity.URGENT, NOW),
    (S.RECEIVED, T.UNDELIVERED, FINAL, CLASH, Risk.MONEY, (), Severity.URGENT, NOW),
    (S.RECEIVED, T.DELIVERY_FAILED, PROVISIONAL, CLASH, Risk.MONEY, (), Severity.WARNING, NOW),
    # Corrected to the beginning after it was received.
    (S.RECEIVED, T.PENDING, OPEN, CLASH, Risk.MONEY, (), Severity.WARNING, NOW),
    (S.RECEIVED, T.PARTIALLY_DELIVERED, FINAL, CLASH, Risk.PARTIAL, (), Severity.WARNING, NOW),
    (S.RECEIVED, T.LOST, FINAL, CLASH, Risk.LOST, (), Severity.URGENT, NOW),
    # The marketplace is ahead: the carrier's news come later.
    (S.RECEIVED, T.OUT_FOR_DELIVERY, OPEN, THEY, Risk.NEWS, (), Severity.WARNING, A_DAY),
    (S.RECEIVED, T.IN_TRANSIT, OPEN, THEY, Risk.NEWS, (), Severity.WARNING, A_DAY),
    (S.AT_PICKUP_POINT, T.IN_TRANSIT, OPEN, THEY, Risk.NEWS, (), Severity.WARNING, A_DAY),
    (S.DELIVERING, T.PENDING, OPEN, THEY, Risk.NEWS, (), Severity.WARNING, A_DAY),
    (S.REJECTED, T.OUT_FOR_DELIVERY, OPEN, THEY, Risk.NEWS, (), Severity.WARNING, A_DAY),
    # The marketplace cancelled while the courier is on the way.
    (S.CANCELLED, T.OUT_FOR_DELIVERY, OPEN, CLASH, Risk.GOODS, (), Severity.URGENT, NOW),
    (S.CANCELLED, T.IN_TRANSIT, OPEN, CLASH, Risk.GOODS, (), Severity.URGENT, NOW),
    (S.CANCELLED, T.READY_FOR_PICKUP, OPEN, CLASH, Risk.GOODS, (), Severity.URGENT, NOW),
    (S.CANCELLED, T.DELIVERED, FINAL, CLASH, Risk.GOODS, (), Severity.URGENT, NOW),
    (S.REJECTED, T.DELIVERED, FINAL, CLASH, Risk.GOODS, (), Severity.URGENT, NOW),
    (S.CANCELLED, T.DELIVERY_FAILED, OPEN, THEY, Risk.NEWS, (), Severity.WARNING, A_DAY),
    (S.CANCELLED, T.PENDING, OPEN, WE, Risk.PARCEL, (), Severity.WARNING, timedelta(hours=1)),
    (S.CANCELLED, T.RETURNED, FINAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.CANCELLED, T.CANCELLED, FINAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.REJECTED, T.UNDELIVERED, FINAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    # The hand-over was not told.
    (S.READY, T.OUT_FOR_DELIVERY, OPEN, WE, Risk.HAND_OVER, (A.DELIVER,), Severity.WARNING, NOW),
    (S.NEW, T.OUT_FOR_DELIVERY, OPEN, WE, Risk.HAND_OVER, (A.CONFIRM, A.DELIVER), Severity.WARNING, NOW),
    (S.READY, T.IN_TRANSIT, OPEN, WE, Risk.HAND_OVER, (A.DELIVER,), Severity.WARNING, timedelta(hours=4)),
    (S.READY, T.PENDING, OPEN, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.READY, T.CANCELLED, FINAL, WE, Risk.NO_PARCEL, (), Severity.WARNING, NOW),
    (S.WAITING, T.IN_TRANSIT, OPEN, CLASH, Risk.UNPAID, (), Severity.URGENT, NOW),
    # On its way on both sides.
    (S.DELIVERING, T.IN_TRANSIT, OPEN, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.DELIVERING, T.DELIVERY_DELAYED, OPEN, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.DELIVERING, T.DELIVERY_FAILED, PROVISIONAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.DELIVERING, T.READY_FOR_PICKUP, OPEN, WE, Risk.NOT_TOLD, (A.ARRIVE,), Severity.WARNING, timedelta(hours=1)),
    (S.AT_PICKUP_POINT, T.READY_FOR_PICKUP, OPEN, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    # It will not come to the buyer.
    (S.DELIVERING, T.UNDELIVERED, FINAL, WE, Risk.BUYER, (A.REJECT, A.CANCEL), Severity.WARNING, NOW),
    (S.DELIVERING, T.RETURNING, OPEN, WE, Risk.BUYER, (A.REJECT, A.CANCEL), Severity.WARNING, NOW),
    (S.AT_PICKUP_POINT, T.RETURNED, FINAL, WE, Risk.BUYER, (A.REJECT, A.CANCEL), Severity.WARNING, NOW),
    (S.DELIVERING, T.PARTIALLY_DELIVERED, FINAL, WE, Risk.PARTIAL, (), Severity.WARNING, NOW),
    (S.DELIVERING, T.LOST, FINAL, WE, Risk.LOST, (A.CANCEL,), Severity.URGENT, NOW),
    (S.DELIVERING, T.CANCELLED, FINAL, CLASH, Risk.BUYER, (), Severity.URGENT, NOW),
    # After the end.
    (S.RECEIVED, T.DELIVERED, FINAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.RETURNED, T.DELIVERED, FINAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.RETURNED, T.RETURNED, FINAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.PARTIALLY_RETURNED, T.PARTIALLY_DELIVERED, FINAL, AGREE, Risk.NONE, (), Severity.INFO, NOW),
    (S.PARTIALLY_RETURNED, T.RETURNED, FINAL, CLASH, Risk.MONEY, (), Severity.WARNING, NOW),
    # A word nobody knows says nothing.
    (S.RECEIVED, T.UNKNOWN, OPEN, AGREE, Risk.NONE, (), Severity.INFO, NOW),
]


@pytest.mark.parametrize(("stage", "status", "finality", "kind", "risk", "actions", "severity", "patience"), CELLS)
def test_the_cells_that_matter(
    stage: Stage,
    status: TrackingStatus,
    finality: Finality,
    kind: Agreement,
    risk: Risk,
    actions: tuple[ActionKind, ...],
    severity: Severity,
    patience: timedelta,
) -> None:
    assert judge(stage, (status, finality), NOTHING) == Verdict(kind, risk, severity, actions, patience)


def test_there_are_enough_of_them() -> None:
    assert len({cell[:3] for cell in CELLS}) == len(CELLS) == 53


def test_without_a_parcel_nothing_disagrees() -> None:
    assert {judge(stage, None, ours).kind for stage in Stage for ours in all_of_ours()} == {AGREE}


DELIVERED = (T.DELIVERED, FINAL)


def test_what_was_asked_is_the_marketplaces_to_answer() -> None:
    asked = Ours(asked=frozenset({A.RECEIVE}))

    assert judge(S.DELIVERING, DELIVERED, asked) == Verdict(
        THEY, Risk.ANSWER, Severity.INFO, patience=timedelta(hours=1)
    )


def test_another_action_that_was_asked_does_not_settle_it() -> None:
    asked = Ours(asked=frozenset({A.CANCEL}))

    assert judge(S.DELIVERING, DELIVERED, asked) == judge(S.DELIVERING, DELIVERED, NOTHING)


def test_while_the_grace_runs_nobody_is_asked() -> None:
    verdict = judge(S.DELIVERING, DELIVERED, Ours(waiting=frozenset({A.RECEIVE})))

    assert verdict == Verdict(WE, Risk.LATE, Severity.INFO, (A.RECEIVE,), None)
    assert not verdict.due(timedelta(days=30))


def test_the_suggested_action_comes_first() -> None:
    returned = (T.RETURNED, FINAL)

    assert judge(S.DELIVERING, returned, Ours(suggested=frozenset({A.CANCEL}))).actions == (A.CANCEL, A.REJECT)


def test_actions_the_marketplace_does_not_have_are_left_out() -> None:
    wildberries = frozenset(TASK_ACTIONS) - {A.ARRIVE}

    assert judge(S.DELIVERING, (T.UNDELIVERED, FINAL), Ours(known=frozenset({A.CANCEL}))).actions == (A.CANCEL,)
    # Wildberries learns of the pick-up point by itself.
    assert judge(S.DELIVERING, (T.READY_FOR_PICKUP, OPEN), Ours(known=wildberries)) == Verdict(AGREE)


def test_a_word_that_was_taken_back_does_not_wait_for_a_day() -> None:
    stopped = judge(S.DELIVERING, (T.PENDING, OPEN), Ours(overtaken=frozenset({A.RECEIVE})))

    assert stopped == Verdict(THEY, Risk.NEWS, Severity.WARNING, (), NOW)


@pytest.mark.parametrize(
    ("age", "due"), [(timedelta(0), False), (timedelta(hours=23, minutes=59), False), (timedelta(hours=24), True)]
)
def test_patience(age: timedelta, due: bool) -> None:
    assert judge(S.RECEIVED, (T.IN_TRANSIT, OPEN), NOTHING).due(age) is due


@pytest.mark.parametrize(
    ("parcels", "together"),
    [
        ([], None),
        ([(T.IN_TRANSIT, OPEN)], (T.IN_TRANSIT, OPEN)),
        ([DELIVERED, (T.OUT_FOR_DELIVERY, OPEN)], (T.OUT_FOR_DELIVERY, OPEN)),
        ([(T.OUT_FOR_DELIVERY, OPEN), (T.IN_TRANSIT, OPEN)], (T.IN_TRANSIT, OPEN)),
        ([DELIVERED, (T.DELIVERED_UNCONFIRMED, PROVISIONAL)], (T.DELIVERED_UNCONFIRMED, PROVISIONAL)),
        ([DELIVERED, DELIVERED], DELIVERED),
        ([DELIVERED, (T.RETURNED, FINAL)], (T.PARTIALLY_DELIVERED, FINAL)),
        ([DELIVERED, (T.LOST, FINAL)], (T.PARTIALLY_DELIVERED, FINAL)),
        ([DELIVERED, (T.UNKNOWN, OPEN)], DELIVERED),
        ([(T.CANCELLED, FINAL), (T.IN_TRANSIT, OPEN)], (T.IN_TRANSIT, OPEN)),
        ([(T.CANCELLED, FINAL), (T.CANCELLED, FINAL)], (T.CANCELLED, FINAL)),
        ([(T.RETURNED, FINAL), (T.RETURNING, OPEN)], (T.RETURNING, OPEN)),
        ([(T.RETURNED, FINAL), (T.LOST, FINAL)], (T.LOST, FINAL)),
        ([(T.UNKNOWN, OPEN)], (T.UNKNOWN, OPEN)),
    ],
)
def test_several_parcels_together(parcels: list[Carrier], together: Carrier | None) -> None:
    assert combine(parcels) == together
    assert combine(reversed(parcels)) == together
