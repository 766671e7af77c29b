"""A form tells what its page showed: what has moved since is not touched."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.enums import Stage
from orders.models import AssemblyTask, RequestKey

from .actors import Actor
from .sending import outbox


def check(task_id: int, seen: str, *, actor: Actor, key: outbox.Idempotency) -> None:
    """Raises ``Conflict("stale")`` when the task left the stage that was shown. The same form posted again is not stale."""
    stage = AssemblyTask.objects.filter(pk=task_id).values_list("stage", flat=True).first()
    if stage is None:
        raise Conflict("not_found", _("There is no such task."))
    if not seen or stage == seen or _asked_already(actor, key):
        return
    text = _("The page was out of date: the task is “%(stage)s” now. Nothing was done. Look again and decide.")
    raise Conflict("stale", text % {"stage": Stage(stage).label}, stage=stage, seen=seen)


def _asked_already(actor: Actor, key: outbox.Idempotency) -> bool:
    if not key.key:
        return False
    return RequestKey.objects.filter(actor=actor.user, key=key.key).exists()
