"""bootstrap: what must be on Argo CD's cluster before Argo CD can do the rest."""
