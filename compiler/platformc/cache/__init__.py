"""cache: the answer of a run, for the next run with the same inputs. Imports nothing that compiling needs."""
