"""Raw payloads: kept as they came, sealed, for a set number of days; broken ones until they are solved."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography.fernet import InvalidToken
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from backoffice import payloads
from backoffice.models import RawPayload
from backoffice.payloads import Draft

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BODY = b'{"orders":[{"id":5632423,"phone":"+79871234567"}]}' * 50
DAYS_30 = timedelta(days=30)


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("body", [BODY, b"", b"\x00\xff not utf-8", bytes(range(256)) * 40], ids=len)
def test_a_payload_comes_back_as_it_came(body: bytes) -> None:
    kept = payloads.keep("wildberries", 7, "orders/new", body, subject="5632423")
    row = RawPayload.objects.get(pk=kept.pk)
    assert payloads.open_payload(row) == payloads.open_payload(kept) == body
    assert (row.upstream, row.account_id, row.endpoint, row.subject) == ("wildberries", 7, "orders/new", "5632423")
    assert (row.size, row.received_at, row.expires_at, row.error) == (len(body), NOW, NOW + DAYS_30, "")


@pytest.mark.django_db
def test_it_is_compressed_and_encrypted() -> None:
    row = payloads.keep("wildberries", 7, "orders/new", BODY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM backoffice_rawpayload")
        stored = bytes(cursor.fetchone()[0])
    assert len(stored) < len(BODY) / 4
    assert b"7987" not in stored
    assert "7987" not in f"{row!r} {row} {Draft('wildberries', 7, 'orders', BODY)!r}"


@pytest.mark.django_db
def test_keys_are_turned_by_putting_a_new_one_in_front(settings: Settings) -> None:
    row = payloads.keep("wildberries", 7, "orders/new", BODY)
    old = list(settings.FIELD_KEYS)
    settings.FIELD_KEYS = ["the newest key of them all", *old]
    assert payloads.open_payload(row) == BODY
    settings.FIELD_KEYS = ["the newest key of them all"]
    with pytest.raises(InvalidToken):
        payloads.open_payload(row)


@pytest.mark.django_db
def test_many_are_kept_in_their_order_and_in_one_statement(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    drafts = [Draft("wildberries", 7, "order", f"body {n}".encode(), str(n), "bad" * (n % 2)) for n in range(100)]
    with django_assert_max_num_queries(1):
        rows = payloads.keep_many(drafts)
    assert [payloads.open_payload(RawPayload.objects.get(pk=row.pk)) for row in rows] == [each.body for each in drafts]
    assert [row.expires_at is None for row in rows] == [bool(n % 2) for n in range(100)]
    assert payloads.keep_many([]) == []


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_broken_one_is_kept_until_it_is_solved() -> None:
    row = payloads.keep("wildberries", 7, "orders/new", b"<html>", error="not JSON")
    assert (row.expires_at, row.error) == (None, "not JSON")
    assert payloads.purge(NOW + timedelta(days=3650)) == 0
    payloads.solve(row)
    assert (row.expires_at, row.error) == (NOW + DAYS_30, "not JSON")
    assert payloads.purge(NOW + DAYS_30 - timedelta(seconds=1)) == 0
    assert RawPayload.objects.count() == 1
    assert payloads.purge(NOW + DAYS_30) == 1
    assert RawPayload.objects.count() == 0


@pytest.mark.django_db
def test_solving_one_that_has_a_date_changes_nothing() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        row = payloads.keep("wildberries", 7, "orders/new", BODY)
        clock.move_to(NOW + timedelta(days=5))
        payloads.solve(row)
    row.refresh_from_db()
    assert row.expires_at == NOW + DAYS_30


@pytest.mark.django_db
def test_a_purge_works_in_batches(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(payloads, "BATCH", 10)
    settings.RAW_PAYLOAD_DAYS = 3
    with time_machine.travel(NOW, tick=False) as clock:
        payloads.keep_many([Draft("wildberries", 7, "order", b"old")] * 25)
        clock.move_to(NOW + timedelta(days=1))
        payloads.keep_many([Draft("wildberries", 7, "order", b"young")] * 2)
    assert payloads.purge(NOW + timedelta(days=3)) == 25
    assert [payloads.open_payload(row) for row in RawPayload.objects.all()] == [b"young"] * 2


@pytest.mark.django_db
def test_odd_words_are_made_fit() -> None:
    row = payloads.keep("wildberries", 7, "e" * 300, b"", subject="s\x00" * 100, error="one\ntwo " + "e" * 400)
    row.refresh_from_db()
    assert (len(row.endpoint), row.subject, row.error[:8], len(row.error)) == (
        120,
        ("s " * 100)[:80].strip(),
        "one two ",
        300,
    )
