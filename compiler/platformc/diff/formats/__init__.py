"""formats: a Report of a diff as text, JSON, GitHub annotations and markdown; each is loaded when it is asked for."""
