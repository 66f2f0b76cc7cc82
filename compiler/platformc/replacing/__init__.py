"""replacing: a new tree compared with the one that it replaces."""
