"""Time zones of delivery regions: every subject of the federation, their offsets, and what is not known."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from orders import regions
from orders.marketplaces.facts import Region
from orders.regions import Zone, zone_of

DEFAULT = ZoneInfo("Europe/Moscow")
UNKNOWN = Zone(DEFAULT, known=False, name="")
NOVEMBER = datetime(2026, 11, 15, 12, 0)

#: The 89 subjects as article 65 of the constitution lists them, shorter where nobody writes them whole.
REPUBLICS = """
    Республика Адыгея; Республика Алтай; Республика Башкортостан; Республика Бурятия; Республика Дагестан;
    Донецкая Народная Республика; Республика Ингушетия; Кабардино-Балкарская Республика; Республика Калмыкия;
    Карачаево-Черкесская Республика; Республика Карелия; Республика Коми; Республика Крым; Луганская Народная Республика;
    Республика Марий Эл; Республика Мордовия; Республика Саха (Якутия); Республика Северная Осетия — Алания;
    Республика Татарстан; Республика Тыва; Удмуртская Республика; Республика Хакасия; Чеченская Республика;
    Чувашская Республика
"""
TERRITORIES = """
    Алтайский край; Забайкальский край; Камчатский край; Краснодарский край; Красноярский край; Пермский край;
    Приморский край; Ставропольский край; Хабаровский край
"""
PROVINCES = """
    Амурская; Архангельская; Астраханская; Белгородская; Брянская; Владимирская; Волгоградская; Вологодская; Воронежская;
    Запорожская; Ивановская; Иркутская; Калининградская; Калужская; Кемеровская; Кировская; Костромская; Курганская; Курская;
    Ленинградская; Липецкая; Магаданская; Московская; Мурманская; Нижегородская; Новгородская; Новосибирская; Омская;
    Оренбургская; Орловская; Пензенская; Псковская; Ростовская; Рязанская; Самарская; Саратовская; Сахалинская; Свердловская;
    Смоленская; Тамбовская; Тверская; Томская; Тульская; Тюменская; Ульяновская; Херсонская; Челябинская; Ярославская
"""
OTHERS = """
    Москва; Санкт-Петербург; Севастополь; Еврейская автономная область; Ненецкий автономный округ;
    Ханты-Мансийский автономный округ — Югра; Чукотский автономный округ; Ямало-Ненецкий автономный округ
"""


def listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(";")]


SUBJECTS = [
    *listed(REPUBLICS),
    *listed(TERRITORIES),
    *(f"{name} область" for name in listed(PROVINCES)),
    *listed(OTHERS),
]
CITIES = """
    Москва; Санкт-Петербург; Новосибирск; Екатеринбург; Казань; Нижний Новгород; Красноярск; Челябинск; Самара; Уфа;
    Ростов-на-Дону; Краснодар; Омск; Воронеж; Пермь; Волгоград; Саратов; Тюмень; Тольятти; Барнаул; Махачкала; Ижевск; Хабаровск;
    Ульяновск; Иркутск; Владивосток; Ярославль; Кемерово; Томск; Набережные Челны; Севастополь; Ставрополь; Оренбург;
    Новокузнецк; Рязань; Балашиха; Пенза; Чебоксары; Липецк; Калининград; Астрахань; Тула; Киров
"""


def chain(*names: str) -> tuple[Region, ...]:
    """Regions from the smallest to the country; "CITY Омск" with its type."""
    return tuple(one(name) for name in names)


def one(name: str) -> Region:
    head, _, rest = name.partition(" ")
    return Region(name=rest, type=head) if head.isascii() else Region(name=name)


def hours(*names: str) -> float | None:
    """The offset of a chain in November 2026; None when its zone is not known."""
    zone = zone_of(chain(*names), DEFAULT)
    offset = NOVEMBER.replace(tzinfo=zone.info).utcoffset()
    assert offset is not None
    return offset / timedelta(hours=1) if zone.known else None


def test_every_zone_exists() -> None:
    tables = (regions._AT_HOME, regions._IN_CITIES, regions._ABROAD, *regions._PARTS.values())
    used = {zone for table in tables for zone in table.values()}

    assert used - available_timezones() == set()
    assert [name for table in tables for name in table if not name] == []
    assert set(regions._PARTS) - set(regions._AT_HOME) == set()


def test_all_subjects_are_known() -> None:
    assert (len(SUBJECTS), len(set(SUBJECTS))) == (89, 89)
    assert [name for name in SUBJECTS if hours(name, "COUNTRY Россия") is None] == []


@pytest.mark.parametrize(
    ("subject", "offset"),
    [
        ("Калининградская область", 2),
        ("Москва", 3),
        ("Республика Крым", 3),
        ("Донецкая Народная Республика", 3),
        ("Волгоградская область", 3),
        ("Кировская область", 3),
        ("Удмуртская Республика", 4),
        ("Самарская область", 4),
        ("Саратовская область", 4),
        ("Свердловская область", 5),
        ("Ямало-Ненецкий автономный округ", 5),
        ("Омская область", 6),
        ("Новосибирская область", 7),
        ("Республика Алтай", 7),
        ("Кемеровская область", 7),
        ("Республика Бурятия", 8),
        ("Забайкальский край", 9),
        ("Амурская область", 9),
        ("Республика Саха (Якутия)", 9),
        ("Еврейская автономная область", 10),
        ("Приморский край", 10),
        ("Сахалинская область", 11),
        ("Магаданская область", 11),
        ("Камчатский край", 12),
        ("Чукотский автономный округ", 12),
    ],
)
def test_offsets_of_november_2026(subject: str, offset: int) -> None:
    assert hours(subject, "Россия") == offset


@pytest.mark.parametrize(
    ("written", "offset"),
    [
        ("СВЕРДЛОВСКАЯ ОБЛ.", 5),
        ("Респ. Татарстан", 3),
        ("Республика Татарстан (Татарстан)", 3),
        ("Башкирия", 5),
        ("Удмуртия", 4),
        ("Чувашская Республика – Чувашия", 3),
        ("Северная Осетия-Алания", 3),
        ("Республика Тыва (Тува)", 7),
        ("Саха /Якутия/ Респ", 9),
        ("Якутия", 9),
        ("Кемеровская область (Кузбасс)", 7),
        ("Ханты-Мансийский Автономный округ - Югра АО", 5),
        ("Ханты-Мансийский АО", 5),
        ("ХМАО — Югра", 5),
        ("Еврейская АО", 10),
        ("Чукотский АО", 12),
        ("г. Москва", 3),
        ("Город федерального значения Севастополь", 3),
        ("Москва и Московская область", 3),
        ("Санкт-Петербург и Ленинградская область", 3),
    ],
)
def test_ways_to_write_a_subject(written: str, offset: int) -> None:
    assert hours(written, "Россия") == offset


@pytest.mark.parametrize(
    ("names", "offset"),
    [
        (("Верхоянский улус", "Республика Саха (Якутия)"), 10),
        (("Батагай", "Якутия"), 10),
        (("Усть-Нера", "Оймяконский район", "Саха (Якутия)"), 10),
        (("VILLAGE посёлок Черский", "Республика Саха (Якутия)"), 11),
        (("REPUBLIC_AREA Момский район", "Республика Саха (Якутия)"), 11),
        (("Хандыга", "Республика Саха (Якутия)"), 9),
        (("Якутск", "Республика Саха (Якутия)"), 9),
        (("Северо-Курильск", "Сахалинская область"), 11),
        (("Черский", "Краснодарский край"), 3),
    ],
)
def test_parts_of_a_subject_with_their_own_clock(names: tuple[str, ...], offset: int) -> None:
    assert hours(*names, "Россия") == offset


def test_the_name_is_that_of_the_region_found() -> None:
    ural = chain("CITY Екатеринбург", "REPUBLIC Свердловская область", "COUNTRY_DISTRICT Урал", "COUNTRY Россия")
    pole = chain("VILLAGE Верхоянск", "REPUBLIC Республика Саха (Якутия)", "COUNTRY Россия")

    assert zone_of(ural, DEFAULT) == Zone(ZoneInfo("Asia/Yekaterinburg"), known=True, name="Свердловская область")
    assert zone_of(ural[:1], DEFAULT) == Zone(ZoneInfo("Asia/Yekaterinburg"), known=True, name="Екатеринбург")
    assert zone_of(pole, DEFAULT) == Zone(ZoneInfo("Asia/Vladivostok"), known=True, name="Верхоянск")


def test_a_village_does_not_hide_its_subject() -> None:
    small = ("VILLAGE Малые Дворы", "REPUBLIC_AREA Ольгинский район")

    assert hours(*small, "REPUBLIC Приморский край", "COUNTRY Россия") == 10
    assert hours("VILLAGE Севастополь", "REPUBLIC Республика Башкортостан", "COUNTRY Россия") == 5
    assert hours("Москва", "REPUBLIC Пермский край", "COUNTRY Россия") == 5


@pytest.mark.parametrize("name", listed(CITIES))
def test_large_cities_are_known_without_their_subject(name: str) -> None:
    assert hours(f"CITY {name}", "COUNTRY Россия") is not None


@pytest.mark.parametrize(
    ("city", "offset"),
    [("Калининград", 2), ("Ижевск", 4), ("Орёл", 3), ("Уфа", 5), ("Улан-Удэ", 8), ("Чита", 9), ("Магадан", 11)],
)
def test_offsets_of_cities_without_their_subject(city: str, offset: int) -> None:
    assert hours(f"CITY {city}", "Сибирь или нет", "COUNTRY Россия") == offset
    assert hours(city) == offset


@pytest.mark.parametrize(
    ("country", "offset"),
    [
        ("Беларусь", 3),
        ("Республика Беларусь", 3),
        ("Казахстан", 5),
        ("Узбекистан", 5),
        ("Армения", 4),
        ("Кыргызстан", 6),
        ("Киргизия", 6),
        ("Грузия", 4),
        ("Азербайджан", 4),
        ("Таджикистан", 5),
        ("Туркменистан", 5),
        ("Молдова", 2),
        ("Сербия", 1),
        ("Турция", 3),
        ("Израиль", 2),
        ("ОАЭ", 4),
        ("Объединённые Арабские Эмираты", 4),
    ],
)
def test_countries_with_one_clock(country: str, offset: int) -> None:
    assert hours("CITY Столица", f"COUNTRY {country}") == offset


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("Россия",),
        ("COUNTRY Россия",),
        ("COUNTRY_DISTRICT Дальневосточный федеральный округ", "COUNTRY Россия"),
        ("CITY Нигде", "REPUBLIC Небывалая область", "COUNTRY Россия"),
        ("CITY Москва", "COUNTRY США"),
        ("CITY Владимир", "REGION Самарская область", "COUNTRY Украина"),
        ("VILLAGE Омск", "COUNTRY Россия"),
        ("SUBWAY_STATION Москва", "COUNTRY Россия"),
        ("CITY Благовещенск", "COUNTRY Россия"),
        ("Московский район",),
        ("Свердловская",),
        ("",),
    ],
)
def test_nothing_is_guessed(names: tuple[str, ...]) -> None:
    assert zone_of(chain(*names), DEFAULT) == UNKNOWN


def test_the_default_is_the_callers() -> None:
    assert zone_of((), ZoneInfo("Asia/Omsk")) == Zone(ZoneInfo("Asia/Omsk"), known=False, name="")
