"""remembered: what a run said, for the next one that has the same inputs. Imports nothing that compiling needs."""
