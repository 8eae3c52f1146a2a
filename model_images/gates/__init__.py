"""What a model must pass before its image may be promoted: one file a gate."""
