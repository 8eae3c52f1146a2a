"""How a model of one framework is loaded and asked: one file a framework."""
