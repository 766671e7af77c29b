"""Parcels: attached, asked about at their carriers, and what those say, in the timeline."""
