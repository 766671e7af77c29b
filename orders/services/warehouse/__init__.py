"""The floor: scans, picks, codes, waves, shortages, shifts, badges, training."""
