"""`box.dellin`: what tests do to the Dellin stand-in."""

from __future__ import annotations

from sandbox.parcels.helper import ParcelHelper


class DellinHelper(ParcelHelper):
    """`appkey` and `pat` are good ones: `appkey` is whose the parcels of `make` are."""

    appkey, pat = "sandbox", "sandbox"

    def give_back(self, number: str | int, reason: str = "", *, on: bool = True) -> None:
        """The flag of a return, which the order journal tells."""
        self.act(number, "give_back", reason=reason, on=on)
