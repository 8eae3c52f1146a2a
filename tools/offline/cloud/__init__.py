"""What a cloud would answer: identifiers, outputs, replacements, names, lookups, and the store of what exists."""
