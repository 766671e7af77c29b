"""Reading admin pages."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.forms import BaseForm
from django.test import Client


def messages_of(answer: Any) -> list[str]:
    """The sentences a request left for the next page."""
    storage: Any = get_messages(answer.wsgi_request)
    return [str(message) for message in storage._queued_messages]


def errors_of(answer: Any) -> dict[str, list[str]]:
    """Errors of the main form and of the formsets of an admin page that was not accepted, by field."""
    assert answer.status_code == 200
    form: BaseForm = answer.context["adminform"].form
    found = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    for inline in answer.context["inline_admin_formsets"]:
        for each in inline.formset.forms:
            found |= {name: [str(text) for text in texts] for name, texts in each.errors.items()}
        if inline.formset.non_form_errors():
            found["__all__"] = [str(text) for text in inline.formset.non_form_errors()]
    return found


def press(client: Client, model: str, pk: Any, name: str, **data: str) -> list[str]:
    """Press a button of a row; what was said."""
    app, _dot, label = model.partition(".")
    answer = client.post(f"/admin/{app}/{label}/{pk}/do/{name}/", data)
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/{app}/{label}/{pk}/change/")
    return messages_of(answer)


def act(client: Client, model: str, action: str, *pks: Any) -> Any:
    """Choose rows of a list and an action."""
    app, _dot, label = model.partition(".")
    return client.post(f"/admin/{app}/{label}/", {"action": action, "_selected_action": [str(pk) for pk in pks]})
