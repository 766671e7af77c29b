"""Words of Yandex Market for people (seed 003, contract appendices B, C, E). A word not in here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from orders.marketplaces.glossary import RawStatus

from . import status_map
from .refusals import ERROR_WORDS
from .substatus_words import SUBSTATUSES

Words: TypeAlias = Mapping[str, Promise]

#: ``status`` (contract appendix E).
STATUS: Words = {
    "PLACING": pgettext_lazy("yandex", "Being placed"),
    "RESERVED": pgettext_lazy("yandex", "Reserved, not completed yet"),
    "UNPAID": pgettext_lazy("yandex", "Placed, not paid yet"),
    "PROCESSING": pgettext_lazy("yandex", "In processing"),
    "DELIVERY": pgettext_lazy("yandex", "Handed over to the delivery service"),
    "PICKUP": pgettext_lazy("yandex", "At the pick-up point"),
    "DELIVERED": pgettext_lazy("yandex", "Received by the buyer"),
    "CANCELLED": pgettext_lazy("yandex", "Cancelled"),
    "PENDING": pgettext_lazy("yandex", "Waits for the seller"),
    "PARTIALLY_RETURNED": pgettext_lazy("yandex", "Partially returned"),
    "RETURNED": pgettext_lazy("yandex", "Returned in full"),
    "UNKNOWN": pgettext_lazy("yandex", "Unknown"),
}
#: ``paymentType``.
PAYMENT_TYPES: Words = {
    "PREPAID": pgettext_lazy("yandex", "Paid when ordering"),
    "POSTPAID": pgettext_lazy("yandex", "Paid on receipt"),
    "UNKNOWN": pgettext_lazy("yandex", "Unknown"),
}
#: ``paymentMethod``.
PAYMENT_METHODS: Words = {
    "CASH_ON_DELIVERY": pgettext_lazy("yandex", "In cash on receipt"),
    "CARD_ON_DELIVERY": pgettext_lazy("yandex", "By card on receipt"),
    "BOUND_CARD_ON_DELIVERY": pgettext_lazy("yandex", "By linked card on receipt"),
    "BNPL_BANK_ON_DELIVERY": pgettext_lazy("yandex", "In super Split on receipt"),
    "BNPL_ON_DELIVERY": pgettext_lazy("yandex", "In Split on receipt"),
    "YANDEX": pgettext_lazy("yandex", "By card"),
    "APPLE_PAY": pgettext_lazy("yandex", "Apple Pay (no longer used)"),
    "EXTERNAL_CERTIFICATE": pgettext_lazy("yandex", "By gift certificate"),
    "CREDIT": pgettext_lazy("yandex", "On credit"),
    "GOOGLE_PAY": pgettext_lazy("yandex", "Google Pay (no longer used)"),
    "TINKOFF_CREDIT": pgettext_lazy("yandex", "On credit at Tinkoff"),
    "SBP": pgettext_lazy("yandex", "By the Faster Payments System"),
    "TINKOFF_INSTALLMENTS": pgettext_lazy("yandex", "In instalments at Tinkoff"),
    "B2B_ACCOUNT_PREPAYMENT": pgettext_lazy("yandex", "Paid by an organisation in advance"),
    "B2B_ACCOUNT_POSTPAYMENT": pgettext_lazy("yandex", "Paid by an organisation after delivery"),
    "MICROCREDIT": pgettext_lazy("yandex", "In Split of a microcredit company"),
    "BNPL_TBYB": pgettext_lazy("yandex", "In Split after delivery"),
    "UNKNOWN": pgettext_lazy("yandex", "Unknown"),
}
#: ``vat`` of goods and of the delivery (seed 003).
VAT: Words = {
    "NO_VAT": pgettext_lazy("yandex", "No VAT"),
    "VAT_0": pgettext_lazy("yandex", "VAT 0%"),
    "VAT_10": pgettext_lazy("yandex", "VAT 10%"),
    "VAT_10_110": pgettext_lazy("yandex", "VAT 10/110"),
    "VAT_20": pgettext_lazy("yandex", "VAT 20%"),
    "VAT_20_120": pgettext_lazy("yandex", "VAT 20/120"),
    "VAT_18": pgettext_lazy("yandex", "VAT 18%"),
    "VAT_18_118": pgettext_lazy("yandex", "VAT 18/118"),
    "VAT_12": pgettext_lazy("yandex", "VAT 12%"),
    "VAT_05": pgettext_lazy("yandex", "VAT 5%"),
    "VAT_07": pgettext_lazy("yandex", "VAT 7%"),
    "VAT_22": pgettext_lazy("yandex", "VAT 22%"),
    "UNKNOWN_VALUE": pgettext_lazy("yandex", "Unknown"),
}
#: ``taxSystem``.
TAX_SYSTEMS: Words = {
    "OSN": pgettext_lazy("yandex", "General taxation (OSN)"),
    "USN": pgettext_lazy("yandex", "Simplified taxation (USN)"),
    "USN_MINUS_COST": pgettext_lazy("yandex", "Simplified taxation, income minus expenses"),
    "ENVD": pgettext_lazy("yandex", "Imputed income tax (ENVD)"),
    "ECHN": pgettext_lazy("yandex", "Agricultural tax (ESHN)"),
    "PSN": pgettext_lazy("yandex", "Patent taxation (PSN)"),
    "NPD": pgettext_lazy("yandex", "Tax on professional income (NPD)"),
    "AUSN": pgettext_lazy("yandex", "Automated simplified taxation (AUSN)"),
    "AUSN_MINUS_COST": pgettext_lazy("yandex", "Automated simplified taxation, income minus expenses"),
    "UNKNOWN_VALUE": pgettext_lazy("yandex", "Unknown"),
}
#: ``delivery.type``.
DELIVERY_TYPES: Words = {
    "DELIVERY": pgettext_lazy("yandex", "By courier"),
    "PICKUP": pgettext_lazy("yandex", "Pick-up"),
    "POST": pgettext_lazy("yandex", "By mail"),
    "DIGITAL": pgettext_lazy("yandex", "Digital goods"),
    "UNKNOWN": pgettext_lazy("yandex", "Unknown"),
}
#: ``delivery.deliveryPartnerType``.
PARTNER_TYPES: Words = {
    "SHOP": pgettext_lazy("yandex", "Delivery by the shop"),
    "YANDEX_MARKET": pgettext_lazy("yandex", "Delivery by the Market"),
    "UNKNOWN": pgettext_lazy("yandex", "Unknown"),
}
#: ``delivery.dispatchType``.
DISPATCH_TYPES: Words = {
    "UNKNOWN": pgettext_lazy("yandex", "Unknown"),
    "BUYER": pgettext_lazy("yandex", "By courier to the buyer"),
    "MARKET_BRANDED_OUTLET": pgettext_lazy("yandex", "To a pick-up point of the Market"),
    "SHOP_OUTLET": pgettext_lazy("yandex", "To a pick-up point of the shop"),
}
#: ``eacType``: who gives the confirmation code to whom.
EAC_TYPES: Words = {
    "MERCHANT_TO_COURIER": pgettext_lazy("yandex", "The seller tells the courier the code"),
    "COURIER_TO_MERCHANT": pgettext_lazy("yandex", "The courier tells the seller the code"),
    "CHECKING_BY_MERCHANT": pgettext_lazy("yandex", "The seller checks the code"),
}
#: ``liftType``.
LIFT_TYPES: Words = {
    "NOT_NEEDED": pgettext_lazy("yandex", "Not needed"),
    "MANUAL": pgettext_lazy("yandex", "By hand"),
    "ELEVATOR": pgettext_lazy("yandex", "By lift"),
    "CARGO_ELEVATOR": pgettext_lazy("yandex", "By goods lift"),
    "FREE": pgettext_lazy("yandex", "Any, free of charge"),
    "UNKNOWN": pgettext_lazy("yandex", "Unknown"),
}
#: ``region.type``.
REGION_TYPES: Words = {
    "OTHER": pgettext_lazy("yandex", "Unknown region"),
    "CONTINENT": pgettext_lazy("yandex", "Continent"),
    "REGION": pgettext_lazy("yandex", "Region"),
    "COUNTRY": pgettext_lazy("yandex", "Country"),
    "COUNTRY_DISTRICT": pgettext_lazy("yandex", "Federal district"),
    "REPUBLIC": pgettext_lazy("yandex", "Subject of the federation"),
    "CITY": pgettext_lazy("yandex", "City"),
    "VILLAGE": pgettext_lazy("yandex", "Town"),
    "CITY_DISTRICT": pgettext_lazy("yandex", "District of a city"),
    "SUBWAY_STATION": pgettext_lazy("yandex", "Metro station"),
    "REPUBLIC_AREA": pgettext_lazy("yandex", "Area of a subject of the federation"),
}
#: ``promos[].type``; the last four are out of use.
PROMO_TYPES: Words = {
    "DIRECT_DISCOUNT": pgettext_lazy("yandex", "Direct discount"),
    "BLUE_SET": pgettext_lazy("yandex", "Set"),
    "BLUE_FLASH": pgettext_lazy("yandex", "Flash promotion"),
    "MARKET_COUPON": pgettext_lazy("yandex", "Promo code of the Market"),
    "MARKET_PROMOCODE": pgettext_lazy("yandex", "Promo code of the shop"),
    "MARKET_BLUE": pgettext_lazy("yandex", "Discount at the Market"),
    "CHEAPEST_AS_GIFT": pgettext_lazy("yandex", "The cheapest item as a gift"),
    "CASHBACK": pgettext_lazy("yandex", "Cashback"),
    "SPREAD_DISCOUNT_COUNT": pgettext_lazy("yandex", "Discount for several of the same"),
    "SPREAD_DISCOUNT_RECEIPT": pgettext_lazy("yandex", "Discount on the sum of the receipt"),
    "DISCOUNT_BY_PAYMENT_TYPE": pgettext_lazy("yandex", "Discount for paying with a Plus card"),
    "PERCENT_DISCOUNT": pgettext_lazy("yandex", "Direct discount in per cent"),
    "DCO_EXTRA_DISCOUNT": pgettext_lazy("yandex", "Additional discount for the subsidy"),
    "UNKNOWN": pgettext_lazy("yandex", "Unknown"),
    "GENERIC_BUNDLE": pgettext_lazy("yandex", "Bundle"),
    "MARKET_COIN": pgettext_lazy("yandex", "Bonus"),
    "PRICE_DROP_AS_YOU_SHOP": pgettext_lazy("yandex", "Price drop as you shop"),
    "SECRET_SALE": pgettext_lazy("yandex", "Secret sale"),
}
#: ``details[].itemStatus`` of v2 and ``itemStatuses[].status`` of the business model.
ITEM_STATUSES: Words = {
    "CREATED": pgettext_lazy("yandex", "Created"),
    "SHIPPED": pgettext_lazy("yandex", "Handed over for delivery"),
    "CANCELLED": pgettext_lazy("yandex", "Cancelled or taken out"),
    "DELIVERED_TO_BUYER": pgettext_lazy("yandex", "Handed to the buyer"),
    "LOST": pgettext_lazy("yandex", "Lost on the way"),
    "REJECTED": pgettext_lazy("yandex", "Not bought out"),
    "RETURNED": pgettext_lazy("yandex", "Returned"),
}
#: ``subsidies[].type``.
SUBSIDY_TYPES: Words = {
    "YANDEX_CASHBACK": pgettext_lazy("yandex", "Plus points"),
    "SUBSIDY": pgettext_lazy("yandex", "Discount of the Market"),
    "DELIVERY": pgettext_lazy("yandex", "Discount on the delivery"),
}
#: ``buyer.type``, ``buyerType``.
BUYER_TYPES: Words = {
    "PERSON": pgettext_lazy("yandex", "Private person"),
    "BUSINESS": pgettext_lazy("yandex", "Organisation"),
}
#: ``requiredInstanceTypes``.
INSTANCE_TYPES: Words = {
    "CIS": pgettext_lazy("yandex", "Chestny ZNAK code"),
    "CIS_OPTIONAL": pgettext_lazy("yandex", "Chestny ZNAK code, optional for now"),
    "UIN": pgettext_lazy("yandex", "UIN of jewellery"),
    "RNPT": pgettext_lazy("yandex", "Number of a batch (RNPT)"),
    "GTD": pgettext_lazy("yandex", "Number of a customs declaration"),
}
#: ``tags``.
TAGS: Words = {
    "ULTIMA": pgettext_lazy("yandex", "Premium product"),
    "SAFE_TAG": pgettext_lazy("yandex", "Product with a protective tag"),
}
#: ``programType``, and ``placementType`` of a shop.
PROGRAMS: Words = {
    "FBY": pgettext_lazy("yandex", "FBY, from the Market's warehouse"),
    "FBS": pgettext_lazy("yandex", "FBS, from the seller's warehouse"),
    "DBS": pgettext_lazy("yandex", "DBS, delivery by the seller"),
    "EXPRESS": pgettext_lazy("yandex", "Express delivery"),
    "LAAS": pgettext_lazy("yandex", "LaaS, logistics of the Market"),
}
#: ``sourcePlatform``.
PLATFORMS: Words = {
    "MARKET": pgettext_lazy("yandex", "Yandex Market"),
    "OZON": pgettext_lazy("yandex", "Ozon"),
    "WILDBERRIES": pgettext_lazy("yandex", "Wildberries"),
    "OTHER": pgettext_lazy("yandex", "Another platform"),
}
#: ``digitalGoods.type``.
DIGITAL_TYPES: Words = {
    "EMAIL": pgettext_lazy("yandex", "Key by e-mail"),
    "ACTIVATION_CODE": pgettext_lazy("yandex", "Key in the order"),
    "STEAM_GIFT": pgettext_lazy("yandex", "Gift in Steam"),
    "CHAT": pgettext_lazy("yandex", "In the chat with the buyer"),
}
#: Accounting documents of a business order.
DOCUMENT_KINDS: Words = {
    "upd": pgettext_lazy("yandex", "Universal transfer document (UPD)"),
    "ukd": pgettext_lazy("yandex", "Universal correction document (UKD)"),
    "torgTwelve": pgettext_lazy("yandex", "Delivery note (TORG-12)"),
    "sf": pgettext_lazy("yandex", "VAT invoice"),
    "ksf": pgettext_lazy("yandex", "Correction invoice"),
}
#: Their status.
DOCUMENT_STATUSES: Words = {
    "READY": pgettext_lazy("yandex", "Ready"),
    "NOT_READY": pgettext_lazy("yandex", "Not ready yet"),
}
#: Reasons a seller may give besides those of a cancellation (contract 2.5).
REASONS: Words = {
    "USER_MOVED_DELIVERY_DATES": pgettext_lazy("yandex", "The buyer asked for another date"),
    "PARTNER_MOVED_DELIVERY_DATES": pgettext_lazy("yandex", "The shop cannot deliver in time"),
    "ORDER_DELIVERED": pgettext_lazy("yandex", "The order is delivered already"),
    "ORDER_IN_DELIVERY": pgettext_lazy("yandex", "The order is on its way already"),
    "PARTNER_REQUESTED_REMOVE": pgettext_lazy("yandex", "The shop takes the item out"),
    "USER_REQUESTED_REMOVE": pgettext_lazy("yandex", "The buyer asked to take the item out"),
}
#: Those that the seed names; the others go by their code. RUB is what the ruble is called with us.
CURRENCIES: Words = {
    "RUR": pgettext_lazy("yandex", "Russian ruble"),
    "RUB": pgettext_lazy("yandex", "Russian ruble"),
    "UAH": pgettext_lazy("yandex", "Ukrainian hryvnia"),
    "BYR": pgettext_lazy("yandex", "Belarusian ruble"),
    "KZT": pgettext_lazy("yandex", "Kazakhstani tenge"),
    "UZS": pgettext_lazy("yandex", "Uzbek sum"),
}

#: For whoever hands a parcel over (contract 2.6, ``receiveCode``).
HANDOVER: Words = {
    "where": pgettext_lazy(
        "yandex",
        "Yandex Market asks for no code when the shop delivers. Where the task page shows a code of receipt, the buyer has "
        "the same one in his app: compare them.",
    ),
    "without": pgettext_lazy(
        "yandex",
        "Hand the parcel over and mark it as received: nothing else is needed. When the buyer does not take it, give the reason; "
        "“unreachable” needs three calls that were noted on the task page.",
    ),
}

#: Name of an enumeration → its words. A reason is one of a cancellation, which is a substatus, or of another request.
NAMES: Mapping[str, Words] = {
    "status": STATUS,
    "substatus": SUBSTATUSES,
    "paymentType": PAYMENT_TYPES,
    "paymentMethod": PAYMENT_METHODS,
    "vat": VAT,
    "taxSystem": TAX_SYSTEMS,
    "deliveryType": DELIVERY_TYPES,
    "deliveryPartnerType": PARTNER_TYPES,
    "dispatchType": DISPATCH_TYPES,
    "eacType": EAC_TYPES,
    "liftType": LIFT_TYPES,
    "regionType": REGION_TYPES,
    "promoType": PROMO_TYPES,
    "itemStatus": ITEM_STATUSES,
    "subsidyType": SUBSIDY_TYPES,
    "buyerType": BUYER_TYPES,
    "requiredInstanceTypes": INSTANCE_TYPES,
    "tags": TAGS,
    "programType": PROGRAMS,
    "sourcePlatform": PLATFORMS,
    "digitalType": DIGITAL_TYPES,
    "documentKind": DOCUMENT_KINDS,
    "documentStatus": DOCUMENT_STATUSES,
    "reason": {**SUBSTATUSES, **REASONS},
    "currency": CURRENCIES,
    "error": ERROR_WORDS,
}


def is_known(name: str, value: str) -> bool:
    """Whether a word stands in the sources."""
    return value in NAMES[name]


def word_name(name: str, value: str) -> str:
    """A raw word of one of ``NAMES``, or what is told where parcels are handed over; an unknown one as it is."""
    known = HANDOVER if name == "handover" else NAMES.get(name, {})
    return str(known.get(value, value))


def glossary() -> tuple[RawStatus, ...]:
    """Every status, then every substatus: with the status beside which it says more, else for itself."""
    known = status_map.STAGES
    statuses = [RawStatus({status_map.STATUS: word}, known.get(word), (name,)) for word, name in STATUS.items()]
    closer = {
        (status, word): found
        for word in SUBSTATUSES
        for status in known
        if (found := status_map.stage(status, word)) != known[status]
    }
    pairs = [
        RawStatus({status_map.STATUS: status, status_map.SUBSTATUS: word}, found, (STATUS[status], SUBSTATUSES[word]))
        for (status, word), found in closer.items()
    ]
    told = {word for _status, word in closer} | STATUS.keys()  # UNKNOWN is a word of both and says the same
    others = [
        RawStatus({status_map.SUBSTATUS: word}, None, (name,)) for word, name in SUBSTATUSES.items() if word not in told
    ]
    return (*statuses, *pairs, *others)
