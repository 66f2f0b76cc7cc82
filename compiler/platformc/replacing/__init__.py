"""diff: a new tree held against the one that it takes the place of."""
