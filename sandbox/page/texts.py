"""The page's words. The sandbox is a program of its own: it has no catalogue, only these two tables."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("ru", "en")

RU: Final = {
    "title": "Песочница", "what": "Учебные Wildberries: заказы ненастоящие",
    "connect": "Адрес", "token": "Токен", "shop": "Магазин",
    "all": "Все", "new": "Новые", "confirm": "На сборке", "deliver": "В доставке", "pickup": "В ПВЗ",
    "closed": "Закрыты",
    "make_one": "Один заказ", "make_five": "Пять заказов", "make_broken": "Сломанный заказ", "make": "Новые заказы",
    "codes_any": "Любой товар", "codes_none": "Без кодов", "codes_sgtin": "С кодом маркировки", "codes_uin": "С УИН",
    "codes_imei": "С IMEI", "codes_gtin": "С GTIN", "type_any": "Любая доставка", "type_dbs": "Курьер",
    "type_edbs": "Экспресс", "type_dbsPickupPoint": "Пункт выдачи", "basket": "одной корзиной",
    "orders": "Заказы", "order": "Заказ", "item": "Товар", "where": "Куда", "marks": "Маркировка", "status": "Статус",
    "buyer_code": "Код покупателя", "plays": "Сыграть", "no_marks": "не нужна", "raw": "Не похоже на заказ",
    "none": "Заказов здесь нет. Сделайте первый кнопкой выше.", "on_unit": "код на товаре",
    "shows_code": "Этот код покупатель показывает при получении",
    "decline": "Отказаться", "miss_call": "Недозвон", "arrive": "Прибыл в ПВЗ", "collect": "Забрал",
    "return": "Вернуть", "sort": "Отсортирован", "defect": "Брак", "lose": "Отменить (WB)", "more": "Ещё",
    "faults": "Сбои", "kind": "Какой сбой", "match": "В каких вызовах", "match_hint": "часть пути; пусто — в любых",
    "times": "Сколько раз", "seconds": "Секунд", "switch_on": "Включить", "switch_off": "Снять", "all_off": "Снять все",
    "no_faults": "Сбоев нет: всё работает.", "left": "осталось", "until_off": "пока не снимут",
    "rules": "Правила", "limits": "Ограничивать частоту вызовов", "batch": "Пакетные методы", "v3": "Методы по одному",
    "seed": "Старый вид заказов", "code_delay": "Верный код не принимать", "code_0": "принимать сразу",
    "code_60": "минуту", "code_3600": "час", "code_21600": "6 часов", "save": "Сохранить",
    "ledger": "Вызовы", "ledger_none": "Пока никто не звонил.", "when": "Время", "call": "Вызов", "answer": "Ответ",
    "changed": "Что изменилось", "request": "Запрос", "orders_changed": "заказов",
    "pause": "Остановить обновление", "resume": "Обновлять", "live": "Обновляется само",
    "problem": "Не получилось", "ago_s": "с назад", "ago_m": "мин назад", "ago_h": "ч назад", "ago_d": "дн назад",
    "language": "English", "kind_sgtin": "КИЗ", "kind_uin": "УИН", "kind_customsDeclaration": "ДТ",
    "older": "Показаны последние", "now": "только что",
}  # fmt: skip

EN: Final = {
    "title": "Sandbox", "what": "A make-believe Wildberries: no order is real",
    "connect": "Address", "token": "Token", "shop": "Shop",
    "all": "All", "new": "New", "confirm": "Assembling", "deliver": "Delivering", "pickup": "At pick-up",
    "closed": "Closed",
    "make_one": "One order", "make_five": "Five orders", "make_broken": "Broken order", "make": "New orders",
    "codes_any": "Any goods", "codes_none": "No codes", "codes_sgtin": "With a marking code", "codes_uin": "With UIN",
    "codes_imei": "With IMEI", "codes_gtin": "With GTIN", "type_any": "Any delivery", "type_dbs": "Courier",
    "type_edbs": "Express", "type_dbsPickupPoint": "Pick-up point", "basket": "in one basket",
    "orders": "Orders", "order": "Order", "item": "Goods", "where": "Where to", "marks": "Codes", "status": "Status",
    "buyer_code": "Buyer's code", "plays": "Play", "no_marks": "none needed", "raw": "Not like an order",
    "none": "No orders here. Make the first one above.", "on_unit": "code on the unit",
    "shows_code": "The buyer shows this code on receipt",
    "decline": "Decline", "miss_call": "Miss the call", "arrive": "Arrived", "collect": "Collected",
    "return": "Return", "sort": "Sorted", "defect": "Defect", "lose": "Cancel (WB)", "more": "More",
    "faults": "Faults", "kind": "Which fault", "match": "In which calls", "match_hint": "part of the path; empty: any",
    "times": "How many times", "seconds": "Seconds", "switch_on": "Switch on", "switch_off": "Off",
    "all_off": "All off",
    "no_faults": "No faults: everything works.", "left": "left", "until_off": "until switched off",
    "rules": "Rules", "limits": "Limit the rate of calls", "batch": "Batch methods", "v3": "One-order methods",
    "seed": "Older shape of orders", "code_delay": "Refuse a right code for", "code_0": "no time",
    "code_60": "a minute", "code_3600": "an hour", "code_21600": "6 hours", "save": "Save",
    "ledger": "Calls", "ledger_none": "Nobody has called yet.", "when": "Time", "call": "Call", "answer": "Answer",
    "changed": "What changed", "request": "Request", "orders_changed": "orders",
    "pause": "Stop refreshing", "resume": "Refresh", "live": "Refreshes itself",
    "problem": "That did not work", "ago_s": "s ago", "ago_m": "min ago", "ago_h": "h ago", "ago_d": "d ago",
    "language": "Русский", "kind_sgtin": "SGTIN", "kind_uin": "UIN", "kind_customsDeclaration": "Customs",
    "older": "Shown are the last", "now": "just now",
}  # fmt: skip

TEXTS: Final = {"ru": RU, "en": EN}

FAULTS: Final[dict[str, tuple[str, str]]] = {
    "slow": ("Медленный ответ", "Slow answer"),
    "lost_answer": ("Ответ потерян, дело сделано", "Answer lost, work done"),
    "hang": ("Молчит", "No answer at all"),
    "429": ("429 слишком часто", "429 too many requests"),
    "500": ("500 ошибка сервера", "500 server error"),
    "502": ("502 шлюз", "502 bad gateway"),
    "503": ("503 недоступен", "503 unavailable"),
    "401": ("401 токен не принят", "401 bad token"),
    "402": ("402 нет денег", "402 no funds"),
    "403": ("403 нет прав", "403 no rights"),
    "404": ("404 нет метода", "404 no such method"),
    "410": ("410 метод убран", "410 method gone"),
    "html": ("Страница вместо данных", "HTML instead of JSON"),
    "truncated": ("Оборванный ответ", "Half an answer"),
    "huge": ("Огромный ответ", "Huge answer"),
    "list_instead": ("Список вместо объекта", "A list for an object"),
    "null_lists": ("Пустота вместо списков", "null for lists"),
    "wrong_types": ("Не те типы", "Wrong types"),
    "unknown_status": ("Неизвестный статус", "Unknown status"),
    "unknown_field": ("Незнакомое поле", "Unknown field"),
    "unknown_error": ("Незнакомая ошибка", "Unknown error"),
}
