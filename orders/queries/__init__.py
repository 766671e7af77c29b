"""What pages, API and admin read, in a fixed number of statements. Nothing here writes."""
