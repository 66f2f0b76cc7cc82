"""composing: what function-patch-and-transform makes of a claim, without Crossplane.

Shared by `make test` and by the composition function that the real Crossplane core calls in `make e2e`.
"""
