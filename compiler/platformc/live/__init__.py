"""live: the actual state of clusters and AWS. Imported only by the verbs that need it."""
