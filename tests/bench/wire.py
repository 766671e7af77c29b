"""Pages of new orders as Wildberries writes them (contract, appendix A), and a line that answers them without a network."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from backoffice.answers import Answer
from backoffice.rates import Rule

META: tuple[list[str], ...] = (["sgtin"], ["uin"], [], ["imei"], ["sgtin"])


def page(first: int, count: int) -> bytes:
    """The body of ``GET /api/v3/dbs/orders/new`` with tasks numbered from ``first``."""
    return json.dumps({"orders": [_order(first + n) for n in range(count)]}, ensure_ascii=False).encode()


def _order(number: int) -> dict[str, Any]:
    basket = uuid.uuid5(uuid.NAMESPACE_OID, str(number))
    return {
        "salePrice": 504658,
        "requiredMeta": META[number % len(META)],
        "comment": "Упакуйте в пленку, пожалуйста" if number % 3 else "",
        "options": {"isB2b": False},
        "address": {
            "fullAddress": f"Челябинская область, г. Челябинск, 51-я улица Арабкира, д. {number % 200}, кв. 42",
            "longitude": 44.519068,
            "latitude": 40.20192,
        },
        "orderUid": f"165918930_{basket.hex}",
        "groupId": str(basket),
        "article": f"one-ring-{number % 5000}",
        "colorCode": "RAL 3017",
        "rid": f"f884001e44e511edb878{number:012}",
        "createdAt": "2022-05-04T07:56:29Z",
        "deliveryType": "dbs",
        "skus": [f"66659{number:08}"],
        "id": number,
        "warehouseId": 658434,
        "nmId": 123456789,
        "chrtId": 987654321,
        "price": 1014,
        "finalPrice": 1014,
        "convertedFinalPrice": 1014,
        "convertedPrice": 1014,
        "currencyCode": 643,
        "convertedCurrencyCode": 643,
        "cargoType": 1,
        "isZeroOrder": False,
        "wbStickerId": 123456,
    }


class Line:
    """Answers every call with ``body``."""

    def __init__(self) -> None:
        self.body = b""

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: object = None, write: bool
    ) -> Answer:
        headers = {"Content-Type": "application/json"}
        return Answer(200, headers, self.body, method=method, path=path, write=write)


class OpenGate:
    """A rate budget that is never used up."""

    def take(self, group: str, rule: Rule, cost: float = 1) -> None: ...

    def take_all(self, rules: Mapping[str, Rule], cost: float = 1) -> None: ...

    def penalty(self, group: str, rule: Rule) -> None: ...

    def block(self, group: str, until: datetime) -> None: ...

    def left(self, group: str, amount: float) -> None:
        pass

    def slot(self, name: str, most: int) -> AbstractContextManager[None]:
        return nullcontext()
