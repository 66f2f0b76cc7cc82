"""story: one platform from its first commit on, on a control plane of its own; the modules run in their order."""
