"""The errors both apps raise."""

from django.utils.translation import override

from backoffice.errors import (
    Conflict,
    CredentialsError,
    DomainError,
    Gone,
    Invalid,
    NotAllowed,
    RateLimited,
    Refused,
    Temporary,
    Uncertain,
    Unreadable,
    UpstreamError,
)


def test_the_text_tells_the_call_and_not_the_words() -> None:
    error = Refused("InvalidWBCode", "code 123456 is wrong", status=409, method="PATCH", path="/orders/1/receive")
    assert str(error) == "Refused 409 InvalidWBCode: PATCH /orders/1/receive"
    assert repr(error) == "<Refused 409 InvalidWBCode: PATCH /orders/1/receive>"
    assert error.detail == "code 123456 is wrong"
    assert str(Temporary()) == "Temporary"


def test_every_error_has_words_of_its_own_for_people() -> None:
    kinds = [Temporary, RateLimited, Refused, Gone, CredentialsError, Unreadable, Uncertain]
    with override("en"):
        words = [str(kind().message) for kind in kinds]
    assert len(set(words)) == len(kinds)
    assert issubclass(Gone, Refused)
    assert all(issubclass(kind, UpstreamError) for kind in kinds)


def test_domain_errors_carry_a_code_a_message_and_facts() -> None:
    error = Conflict("stage", "The task is not assembled.", stage="new")
    assert (error.code, error.message, error.facts) == ("stage", "The task is not assembled.", {"stage": "new"})
    assert (str(error), repr(error)) == ("stage", "<Conflict stage>")
    statuses = [kind.http_status for kind in (DomainError, Conflict, Invalid, NotAllowed)]
    assert statuses == [400, 409, 422, 403]
