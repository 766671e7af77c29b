"""Dellin's states and what they mean here (seed 001, contract 2.3 and 3.4). A state that is not in here moves nothing.

"state/detail" is a state with a detailed one; a detail that is not in here leaves the state's meaning. There is no state for a
return: it is a flag of the order journal.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import pgettext_lazy

from carriers.statuses import CarrierTrouble, Finality, Meaning, TrackingStatus

FINISHED = "finished"
ARRIVED = "arrived"
WAREHOUSING = "warehousing"

_PENDING = TrackingStatus.PENDING
_TRANSIT = TrackingStatus.IN_TRANSIT
_HOLD = TrackingStatus.ON_HOLD
_READY = TrackingStatus.READY_FOR_PICKUP
_OUT = TrackingStatus.OUT_FOR_DELIVERY
_HANDED = TrackingStatus.DELIVERED_UNCONFIRMED
_PROVISIONAL, _FINAL = Finality.PROVISIONAL, Finality.FINAL
_STORAGE = CarrierTrouble.STORAGE

#: In the usual order. The comments are Dellin's own names (stateName, detailedStatusRus).
WORDS: Mapping[str, Meaning] = {
    # Черновик
    "draft": Meaning(_PENDING, name=pgettext_lazy("dellin", "Draft")),
    # В обработке
    "processing": Meaning(_PENDING, name=pgettext_lazy("dellin", "Being processed")),
    # Забор груза от адреса
    "pickup": Meaning(_PENDING, name=pgettext_lazy("dellin", "Pick-up from the address")),
    # Ожидается забор
    "pickup/pickup_waiting_pickup": Meaning(_PENDING, name=pgettext_lazy("dellin", "Pick-up is awaited")),
    # Машина едет на адрес
    "pickup/pickup_departed": Meaning(
        _PENDING, name=pgettext_lazy("dellin", "The vehicle is on its way to the sender")
    ),
    # Машина на адресе
    "pickup/pickup_arrived": Meaning(_PENDING, name=pgettext_lazy("dellin", "The vehicle is at the sender's")),
    # in the journal only: the first and the last of several addresses
    "pickup/pickup_arrived_at_first": Meaning(
        _PENDING, name=pgettext_lazy("dellin", "The vehicle is at the first address of the sender")
    ),
    "pickup/pickup_arrived_at_last": Meaning(
        _PENDING, name=pgettext_lazy("dellin", "The vehicle is at the last address of the sender")
    ),
    # Груз забран. Едет на терминал
    "pickup/pickup_finished": Meaning(
        TrackingStatus.PICKED_UP, name=pgettext_lazy("dellin", "Picked up, on the way to the terminal")
    ),
    # Ожидает сдачи на терминал
    "waiting": Meaning(_PENDING, name=pgettext_lazy("dellin", "Waiting to be brought to the terminal")),
    # Отклонен: why is in the journal
    "declined": Meaning(TrackingStatus.CANCELLED, _FINAL, name=pgettext_lazy("dellin", "Declined")),
    # Груз принят к перевозке
    "received": Meaning(_TRANSIT, name=pgettext_lazy("dellin", "Accepted for carriage")),
    # Груз принят к перевозке. Платное хранение
    "received_warehousing": Meaning(
        _HOLD, attention=True, name=pgettext_lazy("dellin", "Accepted for carriage. Paid storage"), trouble=_STORAGE
    ),
    # Груз в пути
    "inway": Meaning(_TRANSIT, name=pgettext_lazy("dellin", "On the way")),
    # Груз прибыл в аэропорт
    "arrived_to_airport": Meaning(_TRANSIT, name=pgettext_lazy("dellin", "Arrived at the airport")),
    # Груз прибыл в аэропорт. Платное хранение
    "airport_warehousing": Meaning(
        _HOLD, attention=True, name=pgettext_lazy("dellin", "Arrived at the airport. Paid storage"), trouble=_STORAGE
    ),
    # Груз прибыл на терминал
    ARRIVED: Meaning(_READY, name=pgettext_lazy("dellin", "Arrived at the terminal")),
    # Груз прибыл на терминал. Платное хранение
    WAREHOUSING: Meaning(
        _READY, attention=True, name=pgettext_lazy("dellin", "Arrived at the terminal. Paid storage"), trouble=_STORAGE
    ),
    # Доставка груза до адреса
    "delivery": Meaning(_OUT, name=pgettext_lazy("dellin", "Delivery to the address")),
    # Ожидается доставка
    "delivery/delivery_waiting_delivery": Meaning(_OUT, name=pgettext_lazy("dellin", "Delivery is awaited")),
    # Машина едет на адрес
    "delivery/delivery_departed": Meaning(
        _OUT, name=pgettext_lazy("dellin", "The vehicle is on its way to the receiver")
    ),
    # Машина на адресе
    "delivery/delivery_arrived": Meaning(_OUT, name=pgettext_lazy("dellin", "The vehicle is at the receiver's")),
    # Груз доставлен: the driver handed it over, the order is not finished yet
    "delivery/delivery_finished": Meaning(_HANDED, _PROVISIONAL, name=pgettext_lazy("dellin", "Cargo delivered")),
    # in the journal only
    "delivery/delivery_delivered": Meaning(_HANDED, _PROVISIONAL, name=pgettext_lazy("dellin", "Cargo handed over")),
    # Груз выдан. Возврат СД: the buyer has it, the documents go back
    "accompanying_documents_return": Meaning(
        TrackingStatus.DELIVERED, _FINAL, name=pgettext_lazy("dellin", "Handed over. The documents are on the way back")
    ),
    # Заказ завершен
    FINISHED: Meaning(TrackingStatus.DELIVERED, _FINAL, name=pgettext_lazy("dellin", "Order finished")),
}
RANKS: Mapping[str, int] = {word: position for position, word in enumerate(WORDS)}
#: Words that say when the buyer got it, the best first.
HANDED_OVER = (
    "delivery/delivery_finished",
    "delivery/delivery_delivered",
    "accompanying_documents_return",
    FINISHED,
)

#: To the door a cargo at the terminal is still on its way.
TO_THE_DOOR: Mapping[str, Meaning] = {
    ARRIVED: Meaning(_TRANSIT, name=WORDS[ARRIVED].name),
    WAREHOUSING: Meaning(_HOLD, attention=True, name=WORDS[WAREHOUSING].name, trouble=_STORAGE),
}
RETURNING = Meaning(TrackingStatus.RETURNING, name=pgettext_lazy("dellin", "On the way back to the sender"))
RETURNED = Meaning(TrackingStatus.RETURNED, _FINAL, name=pgettext_lazy("dellin", "Returned to the sender"))
