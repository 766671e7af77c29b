"""Names of people, random digits, check digits: what inventions of every upstream need."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random

FIRST_NAMES = (
    ("Анна", "Мария", "Екатерина", "Ольга", "Дарья", "Полина", "Ксения", "Вера"),
    ("Иван", "Алексей", "Дмитрий", "Сергей", "Михаил", "Тимур", "Павел", "Руслан"),
)
LAST_NAMES = ("Соколов", "Морозов", "Лебедев", "Козлов", "Новиков", "Волков", "Зайцев", "Павлов", "Беляев", "Орлов")
PATRONYMICS = ("Иванов", "Алексеев", "Петров", "Сергеев", "Андреев", "Юрьев", "Олегов", "Викторов")


def ean_check(body: str) -> str:
    """Check digit of EAN-13 (12 digits) or GTIN-14 (13 digits): weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def luhn_check(body: str) -> str:
    """Check digit of an IMEI's first 14 digits."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def digits(count: int) -> str:
    return "".join(random.choices("0123456789", k=count))
