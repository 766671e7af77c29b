"""Codes of units: what may stand in an instance, and what the Market keeps of it (contract 2.5)."""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.yandex_market import errors
from sandbox.yandex_market.shapes import KINDS_OF_CODE

GS: Final = "\x1d"
# A printable character of GS1's set, or the group separator: Cyrillic letters and blanks come of a wrong keyboard.
CIS: Final = re.compile(rf"[!-~{GS}]{{1,255}}")
MASKS: Final = {
    "uin": re.compile(r"\d{16}"),
    "rnpt": re.compile(r"\d{8}/\d{6}/\d{7}/\d{3}"),
    "gtd": re.compile(r"\d{8}/\d{6}/\d{7}"),
}
COUNTRIES: Final = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
    "CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA "
    "GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS "
    "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS "
    "RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW "
    "TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split()
)


def read(item: dict[str, Any], given: Any, *, count: int) -> list[dict[str, str]]:
    """`instances` of a request as they will be kept; one for each of `count` units. Raises Refusal."""
    if given is None:
        raise errors.is_null("instances")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise errors.mismatch(given)
    if len(given) != count:
        raise _wrong(item, f"{count} instances expected, {len(given)} given")
    found = [_instance(item, one) for one in given]
    own = [one[kind] for one in found for kind in ("cis", "uin") if kind in one]
    if len(set(own)) != len(own):
        raise _wrong(item, "the same code is given twice")
    return found


def _wrong(item: dict[str, Any], reason: str) -> Exception:
    return errors.bad(f"Invalid incoming cis for item with id = {item['id']} for reason: {reason}")


def _instance(item: dict[str, Any], given: dict[str, Any]) -> dict[str, str]:
    """One field, and a country beside it."""
    filled = {name: given[name] for name in KINDS_OF_CODE if given.get(name) is not None}
    if len(filled) != 1:
        raise _wrong(item, f"one of {', '.join(KINDS_OF_CODE)} must be filled")
    ((kind, value),) = filled.items()
    if not isinstance(value, str):
        raise errors.mismatch(value)
    reason = _fault_of(kind, value)
    if reason:
        raise _wrong(item, reason)
    country = given.get("countryCode")
    if country is not None and country not in COUNTRIES:
        raise errors.bad(f"String ({country}) is not a valid country code according to ISO 3166-1 alpha-2")
    return filled if country is None else {**filled, "countryCode": country}


def _fault_of(kind: str, value: str) -> str:
    """What is wrong with a code; empty for a good one."""
    if kind != "cis":
        return "" if MASKS[kind].fullmatch(value) else f"{kind} does not match its format"
    if "\\u001d" in value.lower():
        return "the group separator is escaped twice"
    return "" if CIS.fullmatch(value) else "cis has characters that cannot stand in a code"
