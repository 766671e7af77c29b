"""A person goes into training and comes back: what has to be in order for that. The switch itself is the browser's."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.models import MarketplaceAccount

from . import training, waves
from .actors import Actor


def begin(*, actor: Actor) -> None:
    """Raises ``Conflict``: "no_account" without an account for training, "wave_open" while real tasks are being assembled."""
    if not MarketplaceAccount.objects.filter(training=True, enabled=True).exists():
        raise Conflict("no_account", _("No account for training is connected: a manager has to connect one first."))
    wave = waves.open_of(actor)
    if wave is not None and False in training.sides("wave", [wave.pk]):
        raise Conflict("wave_open", _("You have a wave of real tasks. Finish it or give it back first."))


def end(*, actor: Actor) -> None:
    """Exercises the person still holds as a wave are given back. Idempotent."""
    wave = waves.open_of(actor)
    if wave is not None and training.sides("wave", [wave.pk]) == {True}:
        waves.close(wave.pk, actor=actor)
