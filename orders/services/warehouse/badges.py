"""Badges of pickers, and who picks at a station: the only writer of Badge.

A badge that is scanned signs its picker in beside the person whose session it is. The session keeps the picker's number
and the issue of the badge, so that a badge that was replaced or a person who left stops counting at once.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from backoffice.models import User
from orders.models import Badge

WORK = "orders.work_task"
#: What the session keeps: the picker's id, the issue of his badge, the name for the head of the page.
PICKER, SERIAL, NAME = "picker", "picker_serial", "picker_name"


def issue(user: User) -> Badge:
    """The person's badge, made when there is none. Idempotent. Raises ``Conflict`` for somebody who may not assemble."""
    _check(user)
    return Badge.objects.get_or_create(user=user)[0]


def renew(user: User, *, seen: int | None = None) -> Badge:
    """The next issue; the one before it stops working. With the issue that was ``seen`` it is done once, however often it is asked.

    Raises ``Conflict`` for somebody who may not assemble.
    """
    _check(user)
    badge, made = Badge.objects.get_or_create(user=user)
    if not made and seen in (None, badge.serial):
        rows = Badge.objects.filter(pk=badge.pk, serial=badge.serial)
        rows.update(serial=badge.serial + 1, issued_at=timezone.now())
    badge.refresh_from_db()
    return badge


def who(user_id: int, serial: int) -> User:
    """Whose badge this is. Raises ``Conflict``: "badge" for one that was replaced or never issued, "person" for who may not work."""
    badge = Badge.objects.select_related("user").filter(user_id=user_id).first()
    if badge is None or badge.serial != serial:
        raise Conflict("badge", _("This badge does not count any more: a newer one was issued. Ask the shift lead."))
    _check(badge.user)
    return badge.user


def sign_in(session: MutableMapping[str, Any], user: User) -> None:
    """From now on this person picks at the station. Idempotent. Raises ``Conflict`` without a badge, or without the right to work."""
    serial = Badge.objects.filter(user_id=user.pk).values_list("serial", flat=True).first()
    if serial is None:
        raise Conflict("badge", _("This person has no badge."))
    _check(user)
    session[PICKER], session[SERIAL], session[NAME] = user.pk, serial, user.short_name


def sign_out(session: MutableMapping[str, Any]) -> None:
    """The person whose session it is picks himself again. Idempotent."""
    for key in (PICKER, SERIAL, NAME):
        session.pop(key, None)


def signed_in(session: MutableMapping[str, Any]) -> User | None:
    """The picker at the station; None when nobody signed in with a badge, or the badge or the person does not count any more."""
    if PICKER not in session:
        return None
    try:
        return who(session[PICKER], session.get(SERIAL, 0))
    except Conflict:
        sign_out(session)
        return None


def _check(user: User) -> None:
    if not user.is_active or not user.has_perm(WORK):
        raise Conflict("person", _("%(name)s may not assemble here.") % {"name": user.short_name})
