"""effects: the judges, each for one family of effects."""
