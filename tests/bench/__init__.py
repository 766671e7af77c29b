"""The benchmark: `make bench`. It builds its own database on PostgreSQL, measures ratios and writes them down."""
