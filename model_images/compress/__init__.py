"""Smaller forms of a model: each writes a new model folder, or refuses if that misses the model's own thresholds."""
