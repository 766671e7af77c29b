"""Numbers in addresses and forms are foreign texts: no length and no script of digits breaks a page."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import User
from orders.models import Badge
from orders.services.warehouse import badges

from .conftest import Order, browser

#: Python refuses to read the first, and counts the others as digits, or as more than a column holds.
ODD = ("9" * 5000, "²", "٣", "9" * 19, "-1", "1.0", "")


@pytest.mark.parametrize("odd", ODD, ids=lambda text: text[:20] or "nothing")
def test_an_odd_number_is_none(odd: str, order_at: Order, web: Client, picker: User, boss: User) -> None:
    task = order_at()
    badges.issue(picker)
    lead = browser(boss)

    assert lead.post(f"/shift/badges/{picker.pk}/", {"seen": odd}).status_code == 302
    assert Badge.objects.get(user=picker).serial == 1
    for path in (
        f"/print/tasks/?ids={odd},{task.pk}", f"/tasks/{task.pk}/parcels/?scan={odd}", f"/tasks/?after={odd}-{odd}",
        f"/orders/{task.order_id}/parcels/?task={odd}", f"/api/v1/tasks/?assignee={odd}", f"/scans/?person={odd}",
    ):  # fmt: skip
        assert lead.get(path).status_code == 200, path
    assert lead.get("/api/v1/tasks/", {"page_size": odd}).status_code == (400 if odd else 200)
    assert web.post("/tasks/bulk/", {"task": [odd, task.pk], "kind": "confirm"}).status_code < 500
