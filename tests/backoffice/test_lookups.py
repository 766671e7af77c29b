"""`among`: the rows of `in`, on every database."""

from __future__ import annotations

import pytest

from backoffice.models import ApiToken, JobState, User


@pytest.mark.django_db
def test_among_finds_what_in_finds() -> None:
    for name in ("a", "b", 'with "quotes", commas', "{}"):
        JobState.objects.create(name=name)
    wanted = ["b", 'with "quotes", commas', "{}", "nobody"]
    found = JobState.objects.filter(name__among=wanted).order_by("name").values_list("name", flat=True)
    assert list(found) == sorted(["b", 'with "quotes", commas', "{}"])
    assert not JobState.objects.filter(name__among=[]).exists()
    assert JobState.objects.exclude(name__among=[]).count() == 4


@pytest.mark.django_db
def test_among_a_foreign_key_needs_no_join() -> None:
    first, second = User.objects.create(username="first"), User.objects.create(username="second")
    mine = [ApiToken.issue(user)[0].pk for user in (first, second)]
    rows = ApiToken.objects.filter(user__id__among=[second.pk, 10**12])
    assert [row.pk for row in rows] == [mine[1]]
    assert "JOIN" not in str(rows.query)
