"""The four programs: what each kind of stack declares, in which order, and what it publishes."""
