"""tools: what this repository makes with the compiler, and installs nowhere."""
