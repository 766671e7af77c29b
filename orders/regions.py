"""Whose clock a buyer lives by: the time zone of a delivery region, by the names a marketplace writes in Russian.

How the clock goes in a zone is left to the IANA database, and so are the borders of zones inside Russia, but for the four regions
that it counts to Kyiv: by the Russian law on the reckoning of time they live by Moscow's clock. Nothing is guessed: a region that
is in no table here has no known zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from orders.marketplaces.facts import Region

_COUNTRY = "COUNTRY"
# Never taken for the subject or the city of the same name: there are villages called Москва and Севастополь, and metro
# stations called Омская.
_SMALL = frozenset({"VILLAGE", "CITY_DISTRICT", "SUBWAY_STATION"})
_HOME = frozenset({"россия", "российская федерация", "рф"})

# All 89 subjects of the federation and the other ways to write them; names are compared as `_key` makes them.
_SUBJECTS: Mapping[str, str] = {
    "Europe/Kaliningrad": "Калининградская область",
    "Europe/Moscow": """
        Адыгея; Дагестан; Ингушетия; Кабардино-Балкарская Республика; Кабардино-Балкария; Калмыкия;
        Карачаево-Черкесская Республика; Карачаево-Черкесия; Карелия; Коми; Марий Эл; Мордовия;
        Северная Осетия — Алания; Северная Осетия; Татарстан; Чеченская Республика; Чечня;
        Чувашская Республика — Чувашия; Чувашская Республика; Чувашия;
        Донецкая Народная Республика; ДНР; Луганская Народная Республика; ЛНР; Запорожская область; Херсонская область;
        Краснодарский край; Ставропольский край;
        Архангельская область; Белгородская область; Брянская область; Владимирская область; Вологодская область;
        Воронежская область; Ивановская область; Калужская область; Костромская область; Курская область;
        Ленинградская область; Липецкая область; Московская область; Мурманская область; Нижегородская область;
        Новгородская область; Орловская область; Пензенская область; Псковская область; Ростовская область;
        Рязанская область; Смоленская область; Тамбовская область; Тверская область; Тульская область;
        Ярославская область; Ненецкий автономный округ; Москва; Санкт-Петербург;
        Москва и Московская область; Санкт-Петербург и Ленинградская область
        """,
    "Europe/Simferopol": "Крым; Севастополь",
    "Europe/Kirov": "Кировская область",
    "Europe/Volgograd": "Волгоградская область",
    "Europe/Astrakhan": "Астраханская область",
    "Europe/Saratov": "Саратовская область",
    "Europe/Ulyanovsk": "Ульяновская область",
    "Europe/Samara": "Самарская область; Удмуртская Республика; Удмуртия",
    "Asia/Yekaterinburg": """
        Башкортостан; Башкирия; Пермский край; Курганская область; Оренбургская область; Свердловская область;
        Тюменская область; Челябинская область; Ханты-Мансийский автономный округ — Югра;
        Ханты-Мансийский автономный округ; ХМАО — Югра; ХМАО; Югра; Ямало-Ненецкий автономный округ; ЯНАО
        """,
    "Asia/Omsk": "Омская область",
    "Asia/Novosibirsk": "Новосибирская область",
    "Asia/Barnaul": "Алтай; Алтайский край",
    "Asia/Tomsk": "Томская область",
    "Asia/Novokuznetsk": "Кемеровская область — Кузбасс; Кемеровская область; Кузбасс",
    "Asia/Krasnoyarsk": "Красноярский край; Тыва; Тува; Тыва (Тува); Хакасия",
    "Asia/Irkutsk": "Иркутская область; Бурятия",
    "Asia/Chita": "Забайкальский край",
    "Asia/Yakutsk": "Саха (Якутия); Саха; Якутия; Амурская область",
    "Asia/Vladivostok": "Приморский край; Хабаровский край; Еврейская автономная область; Еврейская АО; ЕАО",
    "Asia/Magadan": "Магаданская область",
    "Asia/Sakhalin": "Сахалинская область",
    "Asia/Kamchatka": "Камчатский край",
    "Asia/Anadyr": "Чукотский автономный округ; Чукотка",
}

# What goes by another clock than the main one of its subject: districts and their larger places.
_SAKHA: Mapping[str, str] = {
    "Asia/Vladivostok": "Верхоянский; Верхоянск; Батагай; Усть-Янский; Депутатский; Казачье",
    "Asia/Ust-Nera": "Оймяконский; Оймякон; Усть-Нера",
    "Asia/Srednekolymsk": """
        Абыйский; Белая Гора; Аллаиховский; Чокурдах; Верхнеколымский; Зырянка; Момский; Хонуу;
        Нижнеколымский; Черский; Среднеколымский; Среднеколымск
        """,
    "Asia/Khandyga": "Томпонский; Хандыга; Усть-Майский; Усть-Мая",
}
_KURILS: Mapping[str, str] = {"Asia/Srednekolymsk": "Северо-Курильский; Северо-Курильск"}

# For a chain that does not name the subject: cities over 500 000 people and seats of the subjects' governments. Благовещенск is
# left out: a town of that name stands in Bashkortostan, four hours away from the one on the Amur.
_CITIES: Mapping[str, str] = {
    "Europe/Kaliningrad": "Калининград",
    "Europe/Moscow": """
        Архангельск; Балашиха; Белгород; Брянск; Великий Новгород; Владикавказ; Владимир; Вологда; Воронеж; Гатчина; Грозный;
        Донецк; Иваново; Йошкар-Ола; Казань; Калуга; Кострома; Краснодар; Красногорск; Курск; Липецк; Луганск; Магас; Майкоп;
        Мариуполь; Махачкала; Мурманск; Набережные Челны; Нальчик; Нарьян-Мар; Нижний Новгород; Орёл; Пенза; Петрозаводск;
        Псков; Ростов-на-Дону; Рязань; Саранск; Смоленск; Сочи; Ставрополь; Сыктывкар; Тамбов; Тверь; Тула; Чебоксары; Черкесск;
        Элиста; Ярославль
        """,
    "Europe/Simferopol": "Симферополь",
    "Europe/Kirov": "Киров",
    "Europe/Volgograd": "Волгоград",
    "Europe/Astrakhan": "Астрахань",
    "Europe/Saratov": "Саратов",
    "Europe/Ulyanovsk": "Ульяновск",
    "Europe/Samara": "Самара; Тольятти; Ижевск",
    "Asia/Yekaterinburg": """
        Екатеринбург; Курган; Оренбург; Пермь; Салехард; Тюмень; Уфа; Ханты-Мансийск; Челябинск
        """,
    "Asia/Omsk": "Омск",
    "Asia/Novosibirsk": "Новосибирск",
    "Asia/Barnaul": "Барнаул; Горно-Алтайск",
    "Asia/Tomsk": "Томск",
    "Asia/Novokuznetsk": "Кемерово; Новокузнецк",
    "Asia/Krasnoyarsk": "Красноярск; Абакан; Кызыл",
    "Asia/Irkutsk": "Иркутск; Улан-Удэ",
    "Asia/Chita": "Чита",
    "Asia/Yakutsk": "Якутск",
    "Asia/Vladivostok": "Владивосток; Хабаровск; Биробиджан",
    "Asia/Magadan": "Магадан",
    "Asia/Sakhalin": "Южно-Сахалинск",
    "Asia/Kamchatka": "Петропавловск-Камчатский",
    "Asia/Anadyr": "Анадырь",
}

# Countries with one clock. All of Kazakhstan goes by UTC+5 since 2024-03-01.
_COUNTRIES: Mapping[str, str] = {
    "Europe/Minsk": "Беларусь; Белоруссия",
    "Asia/Almaty": "Казахстан",
    "Asia/Tashkent": "Узбекистан",
    "Asia/Yerevan": "Армения",
    "Asia/Bishkek": "Кыргызстан; Киргизия; Кыргызская Республика",
    "Asia/Tbilisi": "Грузия",
    "Asia/Baku": "Азербайджан",
    "Asia/Dushanbe": "Таджикистан",
    "Asia/Ashgabat": "Туркменистан; Туркмения",
    "Europe/Chisinau": "Молдова; Молдавия",
    "Europe/Belgrade": "Сербия",
    "Europe/Istanbul": "Турция",
    "Asia/Jerusalem": "Израиль",
    "Asia/Dubai": "Объединённые Арабские Эмираты; ОАЭ",
}

_WRITTEN = {"обл": ("область",), "ао": ("автономный", "округ")}
_LEFT_OUT = frozenset({"республика", "респ", "город", "г", "федерального", "значения"})


@dataclass(frozen=True, slots=True)
class Zone:
    """``name``: the region it was found by, as the marketplace wrote it. Not ``known``: ``info`` is the caller's own default."""

    info: ZoneInfo
    known: bool
    name: str


def zone_of(regions: Sequence[Region], default: ZoneInfo) -> Zone:
    """The zone of a chain of regions, from the smallest to the country, as in ``DeliveryFacts.region``.

    The largest name that tells is believed: a subject with one clock settles it, whatever its villages are called. Cities are
    looked at only when no subject is named, and never in another country. Raises ``ZoneInfoNotFoundError`` where the machine
    has no time zone database.
    """
    wide = [region for region in reversed(regions) if region.type not in _SMALL]
    for region in wide:
        key = _key(region.name)
        if key in _ABROAD:
            return _zone(_ABROAD[key], region)
        if region.type == _COUNTRY and key not in _HOME:
            return Zone(default, known=False, name="")
        if key in _AT_HOME:
            return _inside(key, regions) or _zone(_AT_HOME[key], region)
    city = next((region for region in wide if _key(region.name) in _IN_CITIES), None)
    return _zone(_IN_CITIES[_key(city.name)], city) if city else Zone(default, known=False, name="")


def _inside(subject: str, regions: Iterable[Region]) -> Zone | None:
    """The zone of a part of the subject that goes by its own clock: "Момский улус" and "Момский район" are the same one."""
    for region in regions:
        key = f" {_key(region.name)} "
        for part, zone in _PARTS.get(subject, {}).items():
            if f" {part} " in key:
                return _zone(zone, region)
    return None


def _zone(name: str, region: Region) -> Zone:
    return Zone(ZoneInfo(name), known=True, name=region.name)


def _key(name: str) -> str:
    """One way of writing for all: "Респ. Северная Осетия–Алания" is "северная осетия алания"."""
    words = re.findall(r"\w+", name.casefold().replace("ё", "е"))
    full = (part for word in words for part in _WRITTEN.get(word, (word,)) if part not in _LEFT_OUT)
    # Official names say some things twice: "Республика Татарстан (Татарстан)".
    return " ".join(dict.fromkeys(full))


def _by_name(table: Mapping[str, str]) -> dict[str, str]:
    return {_key(name): zone for zone, names in table.items() for name in names.split(";")}


_AT_HOME = _by_name(_SUBJECTS)
_IN_CITIES = _by_name(_CITIES)
_ABROAD = _by_name(_COUNTRIES)
_PARTS = {
    **dict.fromkeys(("саха якутия", "саха", "якутия"), _by_name(_SAKHA)),
    "сахалинская область": _by_name(_KURILS),
}
