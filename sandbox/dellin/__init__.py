"""Stand-in of Dellin, written from the seed and its contract."""
