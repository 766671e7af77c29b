"""Published sample codes (contract "marking codes" 3.1, 3.4) and a Russian keyboard, for tests of scans."""

from __future__ import annotations

from hypothesis import settings

GS = "\x1d"
GTIN = "04600439931256"
KI = "0104600439931256215RJZx80hlqAq3"
SIGNATURE = "sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="
FULL = f"{KI}{GS}91FFD0{GS}92{SIGNATURE}"
SHORT = f"01030410947874432155Qbag!{GS}93Zjqw"
CARTON = f"010460043993125621jgXJ5.T{GS}8005112000{GS}93Mdlr"
PACK = "00000046198488X?io+qCABm8wAYa"
IMEI = "490154203237518"
GTD = "10704010/010624/0000302"

# The two layouts as printed on a keyboard, plain and shifted, written down apart from the code under test.
US_KEYS = "`1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?'
RU_KEYS = "ё1234567890-=йцукенгшщзхъфывапролджэ\\ячсмитьбю." + 'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,'

# The same examples on every run; the load of the machine fails nothing.
steady = settings(derandomize=True, deadline=None, max_examples=300, database=None)


def typed_in_russian(text: str) -> str:
    return text.translate(str.maketrans(US_KEYS, RU_KEYS))


def named(found: object) -> list[str]:
    assert isinstance(found, (list, tuple))
    return [one.code for one in found]
