"""Plausible goods, people and places. All invented."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
from dataclasses import dataclass

from sandbox.people import FIRST_NAMES, LAST_NAMES, PATRONYMICS, digits, ean_check, luhn_check

RUB, BYN = 643, 933
RATES_TO_RUB = {RUB: 1.0, BYN: 27.93, 398: 0.17, 51: 0.21, 417: 0.93, 860: 0.0066}


@dataclass(frozen=True, slots=True)
class Product:
    article: str
    name: str
    body: str
    price: int
    required: tuple[str, ...] = ()
    color: str = ""
    cargo: int = 1

    @property
    def sku(self) -> str:
        """EAN-13 with its check digit."""
        return self.body + ean_check(self.body)


PRODUCTS = (
    Product("one-ring-7548", "Кольцо, серебро 925", "460123400101", 504658, ("uin",), "серебристый"),
    Product("chain-venice-50", "Цепочка «Венеция» 50 см, золото 585", "460123400102", 2789000, ("uin",), "золотой"),
    Product("boots-42-blk", "Ботинки зимние, чёрные, 42", "460123400103", 749900, ("sgtin",), "RAL 9005"),
    Product("sneakers-39-wht", "Кроссовки белые, 39", "460123400104", 489000, ("sgtin",), "RAL 9003"),
    Product("perfume-iris-50", "Парфюмерная вода «Ирис» 50 мл", "460123400105", 319900, ("sgtin",)),
    Product("bed-set-euro", "Постельное бельё евро, сатин", "460123400106", 429000, ("sgtin",), "RAL 6019"),
    Product("tyre-205-55-16", "Шина зимняя 205/55 R16", "460123400107", 689000, ("sgtin",), cargo=2),
    Product("phone-x11-128", "Смартфон X11, 128 ГБ", "460123400108", 2199000, ("imei",), "RAL 5004"),
    Product("phone-lite-64", "Смартфон Lite, 64 ГБ", "460123400109", 989000, ("imei",), "RAL 7037"),
    Product("kettle-inox-17", "Чайник электрический 1,7 л", "481123400110", 279000, ("gtin",), "RAL 9006"),
    Product("blender-600", "Блендер погружной 600 Вт", "481123400111", 349000, ("gtin",)),
    Product("mug-unicorn", "Кружка с единорогом", "460123400112", 59900, (), "RAL 4003"),
    Product("lamp-e27-desk", "Лампа настольная E27", "460123400113", 189000, (), "RAL 9011"),
    Product("sofa-3-grey", "Диван трёхместный, серый", "460123400114", 3499000, (), "RAL 7040", cargo=3),
    Product("book-garden", "Книга «Сад за три года»", "460123400115", 84500),
)

PLACES = (
    ("г. Москва", 37.6176, 55.7558, RUB),
    ("г. Санкт-Петербург", 30.3159, 59.9391, RUB),
    ("Челябинская область, г. Челябинск", 61.4026, 55.1598, RUB),
    ("Свердловская область, г. Екатеринбург", 60.6057, 56.8389, RUB),
    ("Республика Татарстан, г. Казань", 49.1233, 55.7961, RUB),
    ("Пермский край, г. Пермь", 56.2294, 58.0105, RUB),
    ("Тверская область, г. Тверь", 35.9119, 56.8587, RUB),
    ("Новосибирская область, г. Новосибирск", 82.9204, 55.0302, RUB),
    ("Краснодарский край, г. Краснодар", 38.9760, 45.0355, RUB),
    ("Самарская область, г. Самара", 50.1500, 53.1959, RUB),
    ("Нижегородская область, г. Нижний Новгород", 44.0059, 56.3269, RUB),
    ("Воронежская область, г. Воронеж", 39.1843, 51.6720, RUB),
    ("Калининградская область, г. Калининград", 20.5108, 54.7104, RUB),
    ("Московская область, г. Химки", 37.4297, 55.8970, RUB),
    ("Республика Башкортостан, г. Уфа", 55.9721, 54.7388, RUB),
    ("Республика Беларусь, г. Минск", 27.5615, 53.9023, BYN),
)
STREETS = (
    "ул. Ленина", "ул. Льва Толстого", "ул. Баумана", "51-я улица Арабкира", "пр-т Мира", "ул. Малышева",
    "Трёхсвятская ул.", "ул. Гагарина", "Садовая ул.", "наб. реки Фонтанки", "ул. Победы", "пер. Строителей",
)  # fmt: skip
COMMENTS = (
    "", "", "", "", "Упакуйте в плёнку, пожалуйста", "Позвоните за час", "Домофон не работает, звоните",
    "Оставьте у консьержа", "Не звонить в дверь: спит ребёнок", "Подъём на 4 этаж, лифт грузовой",
    "Можно после 19:00?", "Въезд со двора, шлагбаум открою", "Это подарок, чек не вкладывайте",
)  # fmt: skip
COMPANIES = (
    ("7707083893", "773601001", "ООО «Ромашка»"),
    ("5406123458", "540601001", "ООО «Сибирский двор»"),
    ("781234567890", "", "ИП Орлов П. И."),
)


def sample_code(kind: str, product: Product) -> str:
    """A code as it would stand on one unit of the product; the short form of sgtin, without the crypto tail."""
    if kind == "sgtin":
        alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
        serial = "5" + "".join(random.choices(alphabet, k=12))
        return f"010{product.sku}21{serial}"
    if kind == "imei":
        body = "35" + digits(12)
        return body + luhn_check(body)
    return product.sku if kind == "gtin" else digits(16)


def full_name() -> tuple[str, str]:
    """First name, and last name + first name + patronymic."""
    woman = random.random() < 0.5
    pick = random.choice
    first = pick(FIRST_NAMES[0] if woman else FIRST_NAMES[1])
    last, middle = pick(LAST_NAMES), pick(PATRONYMICS)
    return first, f"{last}{'а' if woman else ''} {first} {middle}{'на' if woman else 'ич'}"


def address(place: tuple[str, float, float, int], *, pickup_point: bool) -> dict[str, object]:
    spot = random.random  # a few hundred metres around the centre
    where = f"{place[0]}, {random.choice(STREETS)}, д. {random.randint(1, 120)}"
    flat = " (ПВЗ Wildberries)" if pickup_point else f", кв. {random.randint(1, 240)}"
    return {
        "fullAddress": where + flat,
        "longitude": round(place[1] + (spot() - 0.5) / 20, 6),
        "latitude": round(place[2] + (spot() - 0.5) / 20, 6),
    }
