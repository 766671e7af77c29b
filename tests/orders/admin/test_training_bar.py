"""The mark of training in the admin, which training has no part in."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.frame import TRAINING


@pytest.mark.parametrize("address", ["/admin/", "/admin/orders/assemblytask/"])
def test_the_admin_says_that_it_is_real(admin: Client, address: str) -> None:
    before = admin.get(address).content.decode()
    session = admin.session
    session[TRAINING] = True
    session.save()
    page = admin.get(address).content.decode()

    assert "training-bar" not in before
    assert "css/training.css" not in before
    assert "TRAINING — but the admin is real" in page
    assert "css/training" in page
    assert 'action="/training/stop/"' in page
    assert f'name="next" value="{address}"' in page
