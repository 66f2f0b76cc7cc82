"""kubeconform: every object validated against its schema by the real kubeconform, beside the compilation."""
