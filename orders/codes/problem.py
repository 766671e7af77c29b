"""What can be wrong with a scan, and what the person should do about it: the only place of these sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_TEXTS: dict[str, StrOrPromise] = {
    # Errors: the marketplace would refuse it.
    "empty": _("Nothing was read. Scan the code again."),
    "too_long": _("Too long for one code: several scans ran together. Clear the field and scan one code."),
    "control": _("The scan holds control characters that no code holds. Scan the code again."),
    "charset": _("The scan holds characters that no code holds. Scan the code again."),
    "mixed_layout": _(
        "The scan mixes Latin and Russian letters. Switch the keyboard to the English layout and scan again."
    ),
    "kind": _("This kind of identifier is unknown. Choose one from the list."),
    "sgtin_length": _("A Chestny ZNAK code has 16 to 135 characters. Scan the square DataMatrix code of the item."),
    "uin_length": _("A UIN has exactly 16 digits. Scan the code on the tag or check the number."),
    "imei_length": _("An IMEI has exactly 15 digits. Scan the IMEI (or IMEI1) on the box or dial *#06#."),
    "gtin_length": _("A GTIN has exactly 13 digits. Scan the linear barcode of the item."),
    "gtd_length": _("A customs declaration number has 17 to 29 characters. Check it against the document."),
    "digits": _("Only digits are allowed here. Scan again or check what was typed."),
    "gtd_mask": _(
        "A customs declaration number reads 10704010/010624/0000302: 8, 6 and 7 digits, then perhaps /goods."
    ),
    "rnpt_mask": _("An RNPT reads 10704010/010624/0000302/001: 8, 6, 7 and 3 digits. Check it against the document."),
    # Warnings: a person may go on.
    "structure": _("This does not look like a Chestny ZNAK code. Scan the square DataMatrix code of the item."),
    "gtin_check_digit": _("The check digit of the GTIN is wrong: perhaps it was misread. Scan again."),
    "imei_check_digit": _("The check digit of the IMEI is wrong: perhaps it was misread. Scan again or compare it."),
    "gs_lost": _(
        "The separator (GS) was lost, so the parts of the code cannot be told apart. "
        "Set the scanner to send GS and scan again."
    ),
    "tail_missing": _("The verification part of the code is missing. Scan the DataMatrix code itself, not the text."),
    "tail_cut": _("The end of the code is missing. Scan it again."),
    "serial_short": _("The serial number is unusually short: perhaps the code was cut off. Scan it again."),
    "charset_gs1": _("The code holds characters that marking codes do not use. Scan it again."),
    "customs_date": _("The middle part is not a date (DDMMYY). Check it against the document."),
    "layout_punctuation": _(
        "The keyboard was in the Russian layout, and punctuation may be restored wrongly. "
        "Switch to the English layout and scan again, or compare the code."
    ),
    "layout_or_lookalike": _(
        "All letters of the scan were Russian and look like Latin ones. If it was typed by hand, scan it instead."
    ),
    "lookalike": _("Russian letters among Latin ones were replaced by their look-alikes. Compare the code or scan it."),
    "link": _("This QR code is a link, not a code of the item. Scan the DataMatrix code or the barcode."),
}
CODES = frozenset(_TEXTS)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a scan: a stable code for programs, a lazy sentence for people."""

    code: str
    text: StrOrPromise

    def __str__(self) -> str:
        return str(self.text)


def problem(code: str) -> Problem:
    """The problem of this code. Raises KeyError for a code that has no sentence."""
    return Problem(code, _TEXTS[code])
