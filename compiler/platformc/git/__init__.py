"""git: what a repository holds, read from its objects alone."""
