"""language: from files to one environment's valid documents."""
