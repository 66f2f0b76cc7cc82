"""diff: what a change of the spec does to the running platform, and why."""
