"""Whether the key may work for the shop, and whether the shop is one we can work for (contract 2.1)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from backoffice.errors import CredentialsError, Refused
from backoffice.reading import Reader, text

from . import routes
from .client import Call, Client
from .options import Options
from .schemas import CampaignsWire, CampaignWire, TokenWire

DBS = "DBS"
AVAILABLE = "AVAILABLE"
_PAGE_SIZE = 100
_MOST_PAGES = 20


def check_key(client: Client, reader: Reader, options: Options) -> None:
    """One call. Raises ``CredentialsError`` that names the scope the key lacks."""
    if not options.require_scopes:
        return
    answer = client.call(routes.TOKEN)
    result = reader.document(answer, TokenWire, routes.TOKEN.place).result
    if result is None or result.api_key is None:
        raise answer.unreadable("`apiKey` is missing")
    has = [_scope(text(word)) for word in result.api_key.auth_scopes or ()]
    if set(has) & {_scope(word) for word in options.require_scopes}:
        return
    words = {"needed": ", ".join(options.require_scopes), "has": ", ".join(has) or "–"}
    detail = _("The key lacks the right to work with orders. It needs one of: %(needed)s; it has: %(has)s.")
    raise CredentialsError("missing_scope", detail % words, status=answer.status)


def _scope(word: str) -> str:
    """The documents write a scope as "all-methods:read-only" and as "ALL_METHODS_READ_ONLY"."""
    return word.lower().replace("_", "-").replace(":", "-")


def check_shop(client: Client, reader: Reader, options: Options) -> None:
    """One call for each hundred shops of the cabinet until ours is found.

    Raises ``CredentialsError`` (the shop is not the key's, or its API is switched off), ``Refused`` (another model).
    """
    for shop in _shops(client, reader):
        if text(shop.id) == options.campaign_id:
            _judge(shop, options)
            return
    detail = _("The key does not belong to the shop %(campaign)s.") % {"campaign": options.campaign_id}
    raise CredentialsError("foreign_campaign", detail)


def _judge(shop: CampaignWire, options: Options) -> None:
    business = text(shop.business.id) if shop.business else ""
    if options.business_id and business not in ("", options.business_id):
        detail = _("The shop belongs to the cabinet %(business)s, not to %(ours)s.")
        raise CredentialsError("foreign_business", detail % {"business": business, "ours": options.business_id})
    model = text(shop.placement_type)
    if model not in ("", DBS):
        raise Refused("model", _("The shop works on the model %(model)s; only DBS is handled here.") % {"model": model})
    available = text(shop.api_availability)
    if available not in ("", AVAILABLE):
        detail = _("Yandex Market has switched off the API of the shop: %(word)s.") % {"word": available}
        raise CredentialsError("api_unavailable", detail)


def _shops(client: Client, reader: Reader) -> Iterator[CampaignWire]:
    place, token = routes.CAMPAIGNS.place, ""
    for _page in range(_MOST_PAGES):
        params = {"limit": _PAGE_SIZE, **({"pageToken": token} if token else {})}
        document = reader.document(client.call(routes.CAMPAIGNS, Call(params=params)), CampaignsWire, place)
        yield from reader.rows(document.campaigns, CampaignWire, place)
        following = text(document.paging.next_page_token) if document.paging else ""
        if following in ("", token):
            return
        token = following
