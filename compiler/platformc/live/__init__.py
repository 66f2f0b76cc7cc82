"""live: clusters and AWS as they are. Imported only by the verbs that look at them."""
