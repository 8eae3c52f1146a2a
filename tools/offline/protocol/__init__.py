"""How the engine and a provider talk: messages and the form that values have on the wire."""
