"""The page where one makes orders and plays the buyer."""
