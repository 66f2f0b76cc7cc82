"""bootstrap: what Argo CD's cluster needs before Argo CD can do the rest."""
