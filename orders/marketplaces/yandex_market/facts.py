"""Everything but orders: buyers, organisations, documents and delivery services as our dataclasses (contract 2.5)."""

from __future__ import annotations

from collections.abc import Iterable

from backoffice.reading import flag, text
from orders.marketplaces.base import BuyerInfo, DeliveryService, Document, Organisation, Phone

from .mapping import status_of
from .parts import full_name, present
from .schemas import BuyerResultWire, BuyerWire, DocumentsResultWire, DocumentsWire, OrganisationWire, ServiceWire

__all__ = ["buyer", "documents", "organisation", "services", "status_of"]

#: Kind of a document as it is called on the wire → the field of its wire type.
_DOCUMENTS = {"upd": "upd", "ukd": "ukd", "torgTwelve": "torg_twelve", "sf": "sf", "ksf": "ksf"}


def buyer(external_id: str, wire: BuyerWire) -> BuyerInfo:
    """``phone`` is a substitute number; a ``trusted`` buyer is not to be called before the delivery."""
    found = wire.result or BuyerResultWire()
    phone = text(found.phone)
    phones = (Phone(phone, primary=True),) if phone else ()
    return BuyerInfo(
        external_id,
        text(found.first_name),
        full_name(found.last_name, found.first_name, found.middle_name),
        phones,
        complete=bool(phones),
        do_not_call=bool(flag(found.trusted)),
    )


def organisation(external_id: str, wire: OrganisationWire) -> Organisation:
    """``facts``: {"inn", "kpp", "name", "address"}, those there are."""
    found = wire.result
    if found is None:
        return Organisation(external_id, {})
    told = {
        "inn": found.inn,
        "kpp": found.kpp,
        "name": found.organization_name,
        "address": found.organization_jur_address,
    }
    return Organisation(external_id, present(told))


def documents(external_id: str, wire: DocumentsWire) -> list[Document]:
    """Those that are told of, ready or not."""
    found = wire.result or DocumentsResultWire()
    held = [(kind, getattr(found, name)) for kind, name in _DOCUMENTS.items()]
    return [
        Document(external_id, kind, text(each.status), text(each.number), text(each.date))
        for kind, each in held
        if each is not None
    ]


def services(rows: Iterable[ServiceWire]) -> list[DeliveryService]:
    """Those with a number."""
    return [DeliveryService(text(row.id), text(row.name)) for row in rows if text(row.id)]
