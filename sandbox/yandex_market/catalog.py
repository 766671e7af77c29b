"""Plausible goods, places and services. All invented, but for names of towns and of carriers."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

from sandbox.people import FIRST_NAMES, LAST_NAMES, PATRONYMICS, digits, ean_check


@dataclass(frozen=True, slots=True)
class Product:
    """`price` is what the buyer pays for a unit without any promotion, in kopecks."""

    offer: str
    name: str
    body: str
    price: int
    required: tuple[str, ...] = ()
    vat: str = "VAT_22"

    @property
    def ean(self) -> str:
        return self.body + ean_check(self.body)


PRODUCTS: Final = (
    Product("BOOTS-42-BLK", "Ботинки зимние мужские, чёрные, 42", "460123500101", 749_900, ("CIS",)),
    Product("SNEAKERS-39", "Кроссовки женские белые, 39", "460123500102", 489_000, ("CIS",)),
    Product("PERFUME-IRIS-50", "Парфюмерная вода «Ирис», 50 мл", "460123500103", 319_900, ("CIS",)),
    Product("BED-SET-EURO", "Постельное бельё евро, сатин", "460123500104", 429_000, ("CIS_OPTIONAL",)),
    Product("TSHIRT-M-GREY", "Футболка хлопковая серая, M", "460123500105", 129_050, ("CIS_OPTIONAL",)),
    Product("RING-925-17", "Кольцо серебряное 925 пробы, 17", "460123500106", 504_600, ("UIN",)),
    Product("CHAIN-585-50", "Цепочка золотая 585 пробы, 50 см", "460123500107", 2_789_000, ("UIN",)),
    Product("WASHER-6KG", "Стиральная машина узкая, 6 кг", "460123500108", 2_899_000, ("RNPT",)),
    Product("MONITOR-27", "Монитор 27″ IPS", "460123500109", 1_749_000, ("GTD",)),
    Product("LAMP-E27", "Лампа настольная E27", "460123500110", 189_000),
    Product("MUG-UNICORN", "Кружка с единорогом, 350 мл", "460123500111", 59_900),
    Product("SOFA-3-GREY", "Диван трёхместный, серый", "460123500112", 3_499_000),
    Product("BOOK-GARDEN", "Книга «Сад за три года»", "460123500113", 84_500, (), "VAT_10"),
    Product("TOY-TRAIN", "Железная дорога деревянная, 60 деталей", "460123500114", 349_000, (), "VAT_10"),
    Product("KETTLE-17", "Чайник электрический 1,7 л", "460123500115", 279_000),
)
DIGITAL: Final = Product("GAME-KEY-STARS", "Игра «Звёздный путь», ключ активации", "460123500190", 199_900)

RUSSIA: Final = {"id": 225, "name": "Россия", "type": "COUNTRY"}


def _region(number: int, name: str, kind: str, parent: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "name": name, "type": kind, "parent": parent}


CENTRE: Final = _region(3, "Центральный федеральный округ", "COUNTRY_DISTRICT", RUSSIA)
NORTH_WEST: Final = _region(17, "Северо-Западный федеральный округ", "COUNTRY_DISTRICT", RUSSIA)
URAL: Final = _region(52, "Уральский федеральный округ", "COUNTRY_DISTRICT", RUSSIA)
VOLGA: Final = _region(40, "Приволжский федеральный округ", "COUNTRY_DISTRICT", RUSSIA)
SIBERIA: Final = _region(59, "Сибирский федеральный округ", "COUNTRY_DISTRICT", RUSSIA)
MOSCOW_REGION: Final = _region(1, "Москва и Московская область", "REGION", CENTRE)


@dataclass(frozen=True, slots=True)
class Place:
    region: dict[str, Any]
    latitude: float
    longitude: float
    postcode: str
    subway: str = ""

    @property
    def city(self) -> str:
        return str(self.region["name"])


PLACES: Final = (
    Place(_region(213, "Москва", "CITY", MOSCOW_REGION), 55.7558, 37.6176, "119021", "Парк культуры"),
    Place(_region(10758, "Химки", "CITY", MOSCOW_REGION), 55.8970, 37.4297, "141400"),
    Place(
        _region(2, "Санкт-Петербург", "CITY",
                _region(10174, "Санкт-Петербург и Ленинградская область", "REGION", NORTH_WEST)),
        59.9391, 30.3159, "191023", "Гостиный двор",
    ),
    Place(_region(54, "Екатеринбург", "CITY", _region(11162, "Свердловская область", "REGION", URAL)),
          56.8389, 60.6057, "620014"),
    Place(_region(43, "Казань", "CITY", _region(11119, "Республика Татарстан", "REPUBLIC", VOLGA)),
          55.7961, 49.1233, "420111"),
    Place(_region(65, "Новосибирск", "CITY", _region(11316, "Новосибирская область", "REGION", SIBERIA)),
          55.0302, 82.9204, "630099"),
    Place(_region(14, "Тверь", "CITY", _region(10819, "Тверская область", "REGION", CENTRE)),
          56.8587, 35.9119, "170100"),
)  # fmt: skip
MOSCOW: Final = PLACES[0]
STREETS: Final = ("улица Льва Толстого", "улица Ленина", "Садовая улица", "проспект Мира", "улица Гагарина",
                  "улица Малышева", "набережная реки Фонтанки", "переулок Строителей")  # fmt: skip
NOTES: Final = ("", "", "", "Позвоните за час", "Домофон не работает, звоните", "Оставьте у консьержа",
                "Подъём на 4 этаж, лифт грузовой", "Это подарок, чек не вкладывайте")  # fmt: skip
COMPANIES: Final = (
    {"inn": "7707083893", "kpp": "773601001", "organizationName": "ООО «Ромашка»",
     "organizationJurAddress": "117312, г. Москва, ул. Вавилова, д. 19"},
    {"inn": "5406123458", "kpp": "540601001", "organizationName": "ООО «Сибирский двор»",
     "organizationJurAddress": "630099, г. Новосибирск, Красный пр-т, д. 25"},
)  # fmt: skip
SERVICES: Final = {99: "Собственная служба доставки", 48: "Почта России", 51: "СДЭК", 107: "Боксберри",
                   123: "Деловые Линии", 139: "DPD", 1_000_001: "Курьерская служба «Быстро»"}  # fmt: skip
OWN_SERVICE: Final = 99


def person() -> dict[str, str]:
    """`lastName`, `firstName`, `middleName` that agree with each other."""
    woman = random.random() < 0.5
    pick = random.choice
    return {
        "lastName": pick(LAST_NAMES) + ("а" if woman else ""),
        "firstName": pick(FIRST_NAMES[0] if woman else FIRST_NAMES[1]),
        "middleName": pick(PATRONYMICS) + ("на" if woman else "ич"),
    }


def sample_code(kind: str, ean: str) -> dict[str, str]:
    """What stands on one unit: an instance for `identifiers`; marking codes with their crypto tail after GS."""
    if kind.startswith("CIS"):
        alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
        serial = "5" + "".join(random.choices(alphabet, k=12))
        tail = "".join(random.choices(alphabet, k=43)) + "="
        return {"cis": f"010{ean}21{serial}\x1d91{digits(4)}\x1d92{tail}"}
    if kind == "UIN":
        return {"uin": digits(16)}
    declaration = f"10{digits(6)}/{random.randint(1, 28):02}{random.randint(1, 12):02}26/{digits(7)}"
    return {kind.lower(): declaration if kind == "GTD" else f"{declaration}/{digits(3)}", "countryCode": "CN"}
