"""kubeconform: every object held against its schema by the real kubeconform, beside the compiling of what comes next."""
