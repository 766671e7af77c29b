"""States and detailed states (contract 2.3, seed 001), and the paths cargo takes."""

from __future__ import annotations

from typing import Final

TITLES: Final = {
    "draft": "Черновик",
    "processing": "В обработке",
    "pickup": "Забор груза от адреса",
    "waiting": "Ожидает сдачи на терминал",
    "declined": "Отклонен",
    "received": "Груз принят к перевозке",
    "received_warehousing": "Груз принят к перевозке. Платное хранение",
    "inway": "Груз в пути",
    "arrived": "Груз прибыл на терминал",
    "warehousing": "Груз прибыл на терминал. Платное хранение",
    "arrived_to_airport": "Груз прибыл в аэропорт",
    "airport_warehousing": "Груз прибыл в аэропорт. Платное хранение",
    "delivery": "Доставка груза до адреса",
    "accompanying_documents_return": "Груз выдан. Возврат СД",
    "finished": "Заказ завершен",
}
# The eight of the seed, and three more of the order journal.
DETAILS: Final = {
    "pickup_waiting_pickup": "Ожидается забор",
    "pickup_departed": "Машина едет на адрес",
    "pickup_arrived": "Машина на адресе",
    "pickup_finished": "Груз забран. Едет на терминал",
    "delivery_waiting_delivery": "Ожидается доставка",
    "delivery_departed": "Машина едет на адрес",
    "delivery_arrived": "Машина на адресе",
    "delivery_finished": "Груз доставлен",
    "pickup_arrived_at_first": "Прибыл на первый адрес",
    "pickup_arrived_at_last": "Прибыл на последний адрес",
    "delivery_delivered": "Груз доставлен",
}
OVER: Final = ("finished", "declined")
# Before these have a date (contract 2.6).
UNDATED: Final = ("draft", "processing")
RETURN: Final = "+return"
_FETCHED: Final = (
    "processing", "pickup/pickup_waiting_pickup", "pickup/pickup_departed", "pickup/pickup_arrived", "pickup/pickup_finished",
)  # fmt: skip
_BROUGHT: Final = ("delivery/delivery_waiting_delivery", "delivery/delivery_departed", "delivery/delivery_arrived")
# A station is a state, with its detail where it has one; "+return" sets the flag of a return with it. Inferred throughout.
PATHS: Final[dict[str, tuple[str, ...]]] = {
    "happy": (*_FETCHED, "received", "inway", "arrived", *_BROUGHT, "delivery/delivery_finished", "finished"),
    "multi_hub": (
        "draft", "waiting", "received", "inway", "arrived_to_airport", "airport_warehousing", "inway", "arrived", *_BROUGHT,
        "delivery/delivery_delivered", "accompanying_documents_return", "finished",
    ),
    "pickup_point": ("processing", "waiting", "received", "inway", "arrived", "finished"),
    "stored": ("waiting", "received", "received_warehousing", "inway", "arrived", "warehousing", "finished"),
    "several_stops": (
        "processing", "pickup/pickup_waiting_pickup", "pickup/pickup_departed", "pickup/pickup_arrived_at_first",
        "pickup/pickup_arrived_at_last", "pickup/pickup_finished", "received", "inway", "arrived", "finished",
    ),
    "postponed": (
        "waiting", "received", "inway", "arrived", *_BROUGHT, "arrived", *_BROUGHT, "delivery/delivery_finished", "finished",
    ),
    "refused": ("waiting", "received", "inway", "arrived", *_BROUGHT, "arrived+return", "inway", "arrived", "finished"),
    "cancelled": ("processing", "declined"),
    "correction_a": ("waiting", "received", "inway", "arrived", "finished", "arrived", "finished"),
    "correction_b": (
        "waiting", "received", "inway", "arrived", *_BROUGHT, "delivery/delivery_finished", "delivery/delivery_arrived",
        "arrived+return", "finished",
    ),
    "correction_c": ("processing", "declined", "processing", "waiting", "received", "inway", "arrived", "finished"),
}  # fmt: skip
PROGRESS: Final = {state: round(100 * place / (len(TITLES) - 1)) for place, state in enumerate(TITLES)}
