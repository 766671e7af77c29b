"""A stand-in of the Wildberries DBS API: both dialects over one state machine (contract part 1)."""
