"""What follows from a carrier's word: suggested, done, tried on the past, and where the sides disagree."""
