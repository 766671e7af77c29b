"""Settings that the stand-ins of both carriers have."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.settings import Settings


@dataclass(slots=True)
class ParcelTuning(Settings):
    """Delays are seconds of the sandbox's clock."""

    pace: float = 0.0
    """From one station of a parcel's path to the next, for parcels that are made without a pace of their own; 0: never by itself."""
