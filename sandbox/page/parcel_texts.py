"""The words of the carriers' desks, in both languages."""

from __future__ import annotations

from typing import Final

RU: Final = {
    "measoft": "MeaSoft", "dellin": "Деловые Линии", "login": "Логин", "appkey": "Ключ приложения",
    "parcel": "Посылка", "way": "Путь", "pace": "Как едет", "history": "История", "row_count": "строк",
    "next_in": "дальше через", "moving": "В пути", "over": "Закончены", "troubled": "Неладно", "returned": "возврат",
    "make_parcel": "Одна посылка", "make_parcels": "Пять посылок", "make_broken_parcel": "Сломанная посылка",
    "no_parcels": "Посылок здесь нет. Сделайте первую кнопкой выше.",
    "pace_0": "Стоит, пока не двинут", "pace_60": "Шаг в минуту", "pace_600": "Шаг в 10 минут", "pace_3600": "Шаг в час",
    "in_s": "с", "in_m": "мин", "in_h": "ч", "in_d": "дн",
    "way_happy": "Доставлена", "way_multi_hub": "Через другие склады", "way_pickup_point": "Пункт выдачи",
    "way_pickup_expired": "Не забрали из пункта", "way_postponed": "Перенесена", "way_refused": "Отказ, возврат",
    "way_partial": "Доставлена частично", "way_correction_a": "Исправление: доставлена, потом нет",
    "way_correction_b": "Исправление: отказ вместо доставки", "way_correction_c": "Исправление: недоставка отменена",
    "way_abroad": "Из-за границы", "way_fulfilment": "Фулфилмент", "way_cancelled": "Отменена", "way_lost": "Потеряна",
    "way_stored": "Платное хранение", "way_several_stops": "Забор с нескольких адресов",
    "act_step": "Дальше", "act_finish": "До конца", "act_correct": "Исправить назад", "act_again": "Повторить статус",
    "act_drop_last": "Убрать последнюю", "act_unknown": "Неизвестный статус", "act_price": "Изменить цену",
    "act_give_back": "Возврат отправителю",
    "flag_no_history": "без истории", "flag_bare": "без подробностей", "flag_shuffled": "вперемешку",
    "flag_repeated": "с повторами", "flag_ambiguous": "номер не один", "flag_missing": "не находится",
    "rule_history": "Тариф с историей статусов", "rule_attributes": "Подробности статусов (новый сервер)",
    "rule_commit_all": "Подтверждение теряет то, что пришло между", "rule_both_keys": "Оба вида номеров сразу",
    "rule_int_numbers": "Номера числами", "rule_password_login": "Вход по паролю",
    "effect_row": "строка убрана", "effect_rows": "история", "effect_flags": "неладное", "effect_price": "цена",
    "effect_fields": "данные", "effect_number": "номер", "effect_return": "признак возврата",
    "effect_commit": "подтверждено",
}  # fmt: skip

EN: Final = {
    "measoft": "MeaSoft", "dellin": "Dellin", "login": "Login", "appkey": "Application key",
    "parcel": "Parcel", "way": "Path", "pace": "How it travels", "history": "History", "row_count": "rows",
    "next_in": "next in", "moving": "Under way", "over": "Over", "troubled": "In trouble", "returned": "return",
    "make_parcel": "One parcel", "make_parcels": "Five parcels", "make_broken_parcel": "Broken parcel",
    "no_parcels": "No parcels here. Make the first one above.",
    "pace_0": "Stands until it is moved", "pace_60": "A step a minute", "pace_600": "A step in 10 minutes",
    "pace_3600": "A step an hour",
    "in_s": "s", "in_m": "min", "in_h": "h", "in_d": "d",
    "way_happy": "Delivered", "way_multi_hub": "By other warehouses", "way_pickup_point": "Pick-up point",
    "way_pickup_expired": "Not collected", "way_postponed": "Postponed", "way_refused": "Refused, returned",
    "way_partial": "Delivered in part", "way_correction_a": "Correction: delivered, then not",
    "way_correction_b": "Correction: refused, not delivered", "way_correction_c": "Correction: delivered after all",
    "way_abroad": "From abroad", "way_fulfilment": "Fulfilment", "way_cancelled": "Cancelled", "way_lost": "Lost",
    "way_stored": "Paid storage", "way_several_stops": "Fetched from several addresses",
    "act_step": "Next", "act_finish": "To the end", "act_correct": "Correct back", "act_again": "Same status again",
    "act_drop_last": "Drop the last", "act_unknown": "Unknown status", "act_price": "Change the price",
    "act_give_back": "Return to sender",
    "flag_no_history": "no history", "flag_bare": "no details", "flag_shuffled": "shuffled",
    "flag_repeated": "repeated", "flag_ambiguous": "ambiguous number", "flag_missing": "not found",
    "rule_history": "A plan with history", "rule_attributes": "Details of statuses (new server)",
    "rule_commit_all": "A commit loses what came between", "rule_both_keys": "Both kinds of numbers at once",
    "rule_int_numbers": "Numbers as integers", "rule_password_login": "Login by password",
    "effect_row": "row dropped", "effect_rows": "history", "effect_flags": "trouble", "effect_price": "price",
    "effect_fields": "fields", "effect_number": "number", "effect_return": "flag of a return", "effect_commit": "committed",
}  # fmt: skip
