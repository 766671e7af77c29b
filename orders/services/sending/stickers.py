"""Labels of parcels that a marketplace prints itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.drift import DriftCollector
from backoffice.errors import Conflict
from orders.marketplaces.base import Sticker
from orders.models import AssemblyTask
from orders.services import accounts

from . import outbox


def sticker(task_id: int) -> Sticker:
    """The label of a task, fetched now: one call, nothing is stored.

    Raises ``Conflict`` when the task has none (yet) and the upstream errors of the call.
    """
    task = AssemblyTask.objects.select_related("account").filter(pk=task_id).first()
    if task is None:
        raise Conflict("not_found", _("There is no such task."))
    if task.delivery_type not in outbox.offer_of(task.account).labelled:
        raise Conflict("no_sticker", _("Parcels of this kind carry no label of the marketplace."))
    with DriftCollector(task.account.kind) as drift:
        found = accounts.provider(task.account, drift).stickers([task.external_id])
    if not found:
        text = _("The marketplace has no label for this task yet. Confirm the task, then try again.")
        raise Conflict("no_sticker", text)
    return found[0]
