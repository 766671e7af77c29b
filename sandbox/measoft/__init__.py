"""Stand-in of MeaSoft, written from the seed and its contract."""
