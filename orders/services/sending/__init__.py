"""What we ask of marketplaces: the outbox, how it is sent, and what was answered."""
