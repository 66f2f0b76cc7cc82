"""tree: manifests -> files, and files -> disk."""
