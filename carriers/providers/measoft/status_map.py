"""MeaSoft's words and what they mean here (seed 000, contract 1.8 and 3.3). A word that is not in here moves nothing.

Seed 000 is a page of differences run together: two pairs of its lines are swapped. DEPARTURING is planned and DEPARTURE is
done, RETURNING is planned and RETURNED is done.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import pgettext_lazy

from carriers.statuses import CarrierTrouble, Finality, Meaning, TrackingStatus

CANCELED = "CANCELED"

_PENDING = TrackingStatus.PENDING
_TRANSIT = TrackingStatus.IN_TRANSIT
_FAILED = TrackingStatus.DELIVERY_FAILED
_PARTLY = TrackingStatus.PARTIALLY_DELIVERED
_PROVISIONAL, _FINAL = Finality.PROVISIONAL, Finality.FINAL

#: In the usual order.
WORDS: Mapping[str, Meaning] = {
    # Ожидает синхронизации: the order is not in the carrier's database yet
    "AWAITING_SYNC": Meaning(_PENDING, name=pgettext_lazy("measoft", "Waiting to reach the carrier")),
    # Новый; успешно создан, передан в службу доставки
    "NEW": Meaning(_PENDING, name=pgettext_lazy("measoft", "New")),
    # Создан забор
    "NEWPICKUP": Meaning(_PENDING, name=pgettext_lazy("measoft", "Pick-up from the sender is ordered")),
    # Скомплектован на складе фулфилмента
    "WMSASSEMBLED": Meaning(_PENDING, name=pgettext_lazy("measoft", "Assembled at the fulfilment warehouse")),
    # Разукомплектован на склад фулфилмента: a step back
    "WMSDISASSEMBLED": Meaning(_PENDING, name=pgettext_lazy("measoft", "Taken apart at the fulfilment warehouse")),
    # Забран у отправителя
    "PICKUP": Meaning(TrackingStatus.PICKED_UP, name=pgettext_lazy("measoft", "Picked up from the sender")),
    # Получен складом
    "ACCEPTED": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Received by the warehouse")),
    # Инвентаризация. Убедились в наличии отправления на складе: no progress
    "INVENTORY": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Stock-taking: it is in the warehouse")),
    # Производится таможенный контроль
    "CUSTOMSPROCESS": Meaning(TrackingStatus.ON_HOLD, name=pgettext_lazy("measoft", "Customs control is under way")),
    # Таможенный контроль произведен
    "CUSTOMSFINISHED": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Customs control is passed")),
    # Планируется отправка со склада на другой склад
    "DEPARTURING": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Dispatch to another warehouse is planned")),
    # Отправлено со склада на другой склад
    "DEPARTURE": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Dispatched to another warehouse")),
    # Прибыл на склад перевозчика
    "TRANSACCEPTED": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Arrived at the partner's warehouse")),
    # Забран у перевозчика
    "PICKUPTRANS": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Taken over from the partner")),
    # seen in the field, in no list of the carrier's API
    "STORETAKE": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Taken from the warehouse")),
    # Согласована доставка
    "CONFIRM": Meaning(_TRANSIT, name=pgettext_lazy("measoft", "Delivery is agreed")),
    # Не удалось согласовать доставку
    "UNCONFIRM": Meaning(
        TrackingStatus.ON_HOLD,
        attention=True,
        name=pgettext_lazy("measoft", "Delivery could not be agreed"),
        trouble=CarrierTrouble.NOT_AGREED,
    ),
    # Перенос даты доставки
    "DATECHANGE": Meaning(TrackingStatus.DELIVERY_DELAYED, name=pgettext_lazy("measoft", "Delivery is postponed")),
    # Готов к выдаче в ПВЗ
    "PICKUPREADY": Meaning(
        TrackingStatus.READY_FOR_PICKUP, name=pgettext_lazy("measoft", "Ready for pick-up at the point of issue")
    ),
    # Выдан курьеру на доставку
    "DELIVERY": Meaning(TrackingStatus.OUT_FOR_DELIVERY, name=pgettext_lazy("measoft", "Given to the courier")),
    # Отказ (предварительно, после этого ожидается COURIERRETURN)
    "COURIERCANCELED": Meaning(
        _FAILED, _PROVISIONAL, name=pgettext_lazy("measoft", "Not delivered, says the courier; to be confirmed")
    ),
    # Возвращено курьером: the manager decides whether it is delivered again (DATECHANGE, DELIVERY) or not (CANCELED)
    "COURIERRETURN": Meaning(_FAILED, name=pgettext_lazy("measoft", "Brought back to the warehouse by the courier")),
    # Доставлен (предварительно, ожидает подтверждения менеджером, чтобы перейти в COMPLETE)
    "COURIERDELIVERED": Meaning(
        TrackingStatus.DELIVERED_UNCONFIRMED,
        _PROVISIONAL,
        name=pgettext_lazy("measoft", "Delivered, says the courier; to be confirmed"),
    ),
    # Частично доставлен (предварительно, ожидает подтверждения менеджером, чтобы перейти в PARTIALLY)
    "COURIERPARTIALLY": Meaning(
        TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED,
        _PROVISIONAL,
        name=pgettext_lazy("measoft", "Delivered in part, says the courier; to be confirmed"),
    ),
    # Доставлен
    "COMPLETE": Meaning(TrackingStatus.DELIVERED, _FINAL, name=pgettext_lazy("measoft", "Delivered")),
    # Доставлен частично
    "PARTIALLY": Meaning(_PARTLY, _FINAL, name=pgettext_lazy("measoft", "Delivered in part")),
    # Планируется возврат остатков
    "PARTLYRETURNING": Meaning(_PARTLY, _FINAL, name=pgettext_lazy("measoft", "Return of the rest is planned")),
    # Остаток возвращен
    "PARTLYRETURNED": Meaning(_PARTLY, _FINAL, name=pgettext_lazy("measoft", "The rest is returned")),
    # Не доставлен (Возврат/Отмена); RETURNING and RETURNED follow
    CANCELED: Meaning(
        TrackingStatus.UNDELIVERED, _FINAL, name=pgettext_lazy("measoft", "Not delivered: return or cancellation")
    ),
    # Планируется возврат заказчику (после CANCELED)
    "RETURNING": Meaning(TrackingStatus.RETURNING, name=pgettext_lazy("measoft", "Return to the sender is planned")),
    # Возвращен заказчику
    "RETURNED": Meaning(TrackingStatus.RETURNED, _FINAL, name=pgettext_lazy("measoft", "Returned to the sender")),
    # Утрачен/утерян
    "LOST": Meaning(
        TrackingStatus.LOST,
        _FINAL,
        attention=True,
        name=pgettext_lazy("measoft", "Lost"),
        trouble=CarrierTrouble.LOST,
    ),
}
RANKS: Mapping[str, int] = {code: position for position, code in enumerate(WORDS)}

#: CANCELED without any of these before it: the order was cancelled before the carrier had the parcel.
HANDED_OVER = frozenset(
    {
        "PICKUP",
        "ACCEPTED",
        "INVENTORY",
        "CUSTOMSPROCESS",
        "CUSTOMSFINISHED",
        "DEPARTURING",
        "DEPARTURE",
        "TRANSACCEPTED",
        "PICKUPTRANS",
        "STORETAKE",
        "PICKUPREADY",
        "DELIVERY",
        "COURIERCANCELED",
        "COURIERRETURN",
        "COURIERDELIVERED",
        "COURIERPARTIALLY",
        "COMPLETE",
        "PARTIALLY",
    }
)
CANCELLED = Meaning(
    TrackingStatus.CANCELLED, _FINAL, name=pgettext_lazy("measoft", "Cancelled before it was handed over")
)
