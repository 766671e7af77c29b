"""Reading scans: what a scanner, a keyboard or the clipboard delivered becomes a code of a known kind.

Pure functions without database or network. The scan itself is never changed: ``Reading.raw`` is what arrived, and forms
for other systems are derived from the full value (contract "marking codes" 3.1: never keep only a stripped string).
"""

from orders.codes.checks import problems
from orders.codes.cleaning import GS, MAX_SCAN, storable
from orders.codes.forms import UNIT_KINDS, courier_form, identity, short, wildberries_form
from orders.codes.problem import Problem
from orders.codes.reading import Reading, judge, read

__all__ = [
    "GS",
    "MAX_SCAN",
    "UNIT_KINDS",
    "Problem",
    "Reading",
    "courier_form",
    "identity",
    "judge",
    "problems",
    "read",
    "short",
    "storable",
    "wildberries_form",
]
