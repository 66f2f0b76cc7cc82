"""The models of the spec language: one file per kind, and what they share."""
