"""check: what is checked about a finished environment: policies, sealed values, schemas."""
