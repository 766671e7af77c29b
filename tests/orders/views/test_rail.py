"""What stands below a place of the rail: the wave that whoever picks at this browser has open."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import User
from orders.models import MarketplaceAccount
from orders.services import actors
from orders.services.warehouse import badges, waves
from tests.orders.floors import hand, made, wildberries
from tests.orders.statements import counted


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def anna(picker: User) -> actors.Actor:
    return actors.staff(picker)


def test_an_open_wave_stands_below_the_assembly(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    made(shop)
    made(shop)
    costs = []
    for count in range(2):
        web.get("/orders/")
        with counted() as statements:
            page = web.get("/orders/").content.decode()
        costs.append(len(statements))
        assert page.count('class="under"') == count
        wave = waves.start(1, actor=anna)
    assert costs[0] == costs[1]

    link = f'<a class="under" href="/waves/{wave.pk}/" title="Wave {wave.pk}"'
    assert f'{link} aria-current="page">' in web.get(f"/waves/{wave.pk}/").content.decode()
    assert f"{link}>" in web.get("/tasks/").content.decode()
    waves.close(wave.pk, actor=anna)
    assert 'class="under"' not in web.get("/tasks/").content.decode()


def test_the_wave_of_somebody_else_stands_on_no_rail(shop: MarketplaceAccount, web: Client) -> None:
    made(shop)
    waves.start(1, actor=hand("somebody"))

    assert 'class="under"' not in web.get("/tasks/").content.decode()


def test_the_rail_shows_the_wave_of_whose_badge_was_scanned(
    shop: MarketplaceAccount, web: Client, picker: User
) -> None:
    made(shop)
    boris = hand("boris")
    wave = waves.start(1, actor=boris)
    session = web.session
    session[badges.PICKER] = boris.user_id
    session.save()

    assert f'class="under" href="/waves/{wave.pk}/"' in web.get("/orders/").content.decode()
