"""From a model folder to one image that answers every target's contract."""
