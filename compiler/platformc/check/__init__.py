"""check: what is judged about a finished environment: policy rules, sealed values, schemas."""
