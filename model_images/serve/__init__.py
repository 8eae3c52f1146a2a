"""The server inside a model's image: one inference core behind the contracts of every target."""
