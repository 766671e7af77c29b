"""The 31 status codes (contract 1.8, seed 000), what is said of them, and the paths parcels take."""

from __future__ import annotations

from typing import Final

# By code: the name of the PHP client and of the seed.
TITLES: Final[dict[str, tuple[str, str]]] = {
    "AWAITING_SYNC": ("Ожидает синхронизации", "Awaiting synchronization"),
    "NEW": ("Новый", "New"),
    "NEWPICKUP": ("Создан забор", "Pickup created"),
    "PICKUP": ("Забран у отправителя", "Picked up from the sender"),
    "WMSASSEMBLED": ("Скомплектован на складе фулфилмента", "Assembled at the fulfillment warehouse"),
    "WMSDISASSEMBLED": ("Разукомплектован на склад фулфилмента", "Disassembled to the fulfillment warehouse"),
    "ACCEPTED": ("Получен складом", "Received by the warehouse"),
    "CUSTOMSPROCESS": ("Производится таможенный контроль", "Customs control pending"),
    "CUSTOMSFINISHED": ("Таможенный контроль произведен", "Customs control passed"),
    "CONFIRM": ("Согласована доставка", "Dispatch is confirmed"),
    "UNCONFIRM": ("Не удалось согласовать доставку", "Dispatch has not been confirmed"),
    "DEPARTURING": ("Планируется отправка со склада на другой склад", "Dispatch to another warehouse is pending"),
    "DEPARTURE": ("Отправлено со склада на другой склад", "Dispatched to another warehouse"),
    "INVENTORY": ("Инвентаризация", "Inventory"),
    "PICKUPREADY": ("Готов к выдаче в ПВЗ", "Ready for pick up at the point of issue"),
    "DELIVERY": ("Выдан курьеру на доставку", "Given to the courier to be delivered"),
    "COURIERDELIVERED": ("Доставлен (предварительно)", "Delivered (to be confirmed)"),
    "COURIERPARTIALLY": ("Частично доставлен (предварительно)", "Partially delivered (to be confirmed)"),
    "COURIERCANCELED": ("Отказ (предварительно)", "Not delivered (to be confirmed)"),
    "COURIERRETURN": ("Возвращено курьером", "Returned by the courier"),
    "DATECHANGE": ("Перенос даты доставки", "Postponement"),
    "COMPLETE": ("Доставлен", "Delivered"),
    "PARTIALLY": ("Доставлен частично", "Partially delivered"),
    "CANCELED": ("Не доставлен (Возврат/Отмена)", "Not delivered (Return/Cancellation)"),
    "RETURNING": ("Планируется возврат заказчику", "Return to the sender is planned"),
    "RETURNED": ("Возвращен заказчику", "Returned to the sender"),
    "LOST": ("Утрачен/утерян", "Lost"),
    "PARTLYRETURNING": ("Планируется возврат остатков", "Return of the rest is planned"),
    "PARTLYRETURNED": ("Остаток возвращен", "The rest is returned"),
    "TRANSACCEPTED": ("Прибыл на склад перевозчика", "Arrived at the carrier's warehouse"),
    "PICKUPTRANS": ("Забран у перевозчика", "Picked up from the carrier"),
}
DELIVERED: Final = frozenset({"COMPLETE", "PARTIALLY", "PARTLYRETURNING", "PARTLYRETURNED"})
FAILED: Final = frozenset({"CANCELED", "LOST", "RETURNING", "RETURNED"})
BEGINNING: Final = frozenset({"AWAITING_SYNC", "NEW", "NEWPICKUP"})
BETWEEN_BRANCHES: Final = frozenset({"DEPARTURING", "DEPARTURE"})
# Contract 1.8, "typical paths"; the last four are ours, so that every code is on a path.
PATHS: Final[dict[str, tuple[str, ...]]] = {
    "happy": ("NEW", "ACCEPTED", "DELIVERY", "COURIERDELIVERED", "COMPLETE"),
    "multi_hub": ("NEW", "PICKUP", "ACCEPTED", "DEPARTURING", "DEPARTURE", "ACCEPTED", "DELIVERY", "COMPLETE"),
    "pickup_point": ("NEW", "ACCEPTED", "DEPARTURE", "PICKUPREADY", "COMPLETE"),
    "pickup_expired": ("NEW", "ACCEPTED", "DEPARTURE", "PICKUPREADY", "CANCELED", "RETURNING", "RETURNED"),
    "postponed": ("NEW", "ACCEPTED", "DELIVERY", "COURIERRETURN", "DATECHANGE", "DELIVERY", "COMPLETE"),
    "refused": (
        "NEW", "ACCEPTED", "DELIVERY", "COURIERCANCELED", "COURIERRETURN", "CANCELED", "RETURNING", "RETURNED",
    ),
    "partial": ("NEW", "ACCEPTED", "DELIVERY", "COURIERPARTIALLY", "PARTIALLY", "PARTLYRETURNING", "PARTLYRETURNED"),
    "correction_a": ("NEW", "ACCEPTED", "DELIVERY", "COMPLETE", "NEW", "ACCEPTED", "DELIVERY", "COMPLETE"),
    "correction_b": ("NEW", "ACCEPTED", "DELIVERY", "COURIERDELIVERED", "COURIERCANCELED", "CANCELED"),
    "correction_c": ("NEW", "ACCEPTED", "DELIVERY", "CANCELED", "DELIVERY", "COMPLETE"),
    "abroad": (
        "AWAITING_SYNC", "NEW", "NEWPICKUP", "PICKUP", "CUSTOMSPROCESS", "CUSTOMSFINISHED", "TRANSACCEPTED", "PICKUPTRANS",
        "ACCEPTED", "UNCONFIRM", "CONFIRM", "DELIVERY", "COMPLETE",
    ),
    "fulfilment": ("NEW", "WMSASSEMBLED", "WMSDISASSEMBLED", "WMSASSEMBLED", "ACCEPTED", "INVENTORY", "DELIVERY", "COMPLETE"),
    "cancelled": ("NEW", "CANCELED"),
    "lost": ("NEW", "ACCEPTED", "DEPARTURE", "LOST"),
}  # fmt: skip
# By branch: hours ahead of Greenwich; `eventtime` is the branch's own time.
STORES: Final = {"Москва": 3, "Санкт-Петербург": 3, "Калининград": 2, "Екатеринбург": 5, "Новосибирск": 7}
