"""A person goes into training and comes back: what has to be in order for that. The switch itself is the browser's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.models import MarketplaceAccount
from orders.services.actors import Actor

from . import training, waves


def begin(*, actor: Actor) -> None:
    """Raises ``Conflict``: "no_account" without an account for training, "wave_open" while real tasks are being assembled."""
    if not MarketplaceAccount.objects.filter(training=True, enabled=True).exists():
        raise Conflict("no_account", _("No account for training is connected: a manager has to connect one first."))
    wave = waves.open_of(replace(actor, training=False))
    if wave is not None and False in training.sides("wave", [wave.pk]):
        raise Conflict("wave_open", _("You have a wave of real tasks. Finish it or give it back first."))


def end(*, people: Collection[Actor]) -> None:
    """Exercises that these still hold as waves are given back. Idempotent.

    ``people``: who is signed in, and whose badge was scanned. Whoever signed off before loses his wave of exercises when he
    begins a real one (``waves.start``).
    """
    for one in {each.user_id: each for each in people}.values():
        wave = waves.open_of(replace(one, training=True))
        if wave is not None and training.sides("wave", [wave.pk]) == {True}:
            waves.close(wave.pk, actor=one)
