"""access: who may do what, in the Kubernetes API, in AWS and through Argo CD, compared between two states."""
