"""safety: what holds data, what protects it, and the transitions that lose, double, empty or unprotect it."""
