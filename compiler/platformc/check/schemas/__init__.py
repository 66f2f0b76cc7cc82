"""schemas: the JSON Schemas of all kinds: of Kubernetes, of CRDs and XRDs; where they come from and are stored."""
