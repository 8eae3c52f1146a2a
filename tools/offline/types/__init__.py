"""What the installed SDKs say about a resource's inputs and outputs, and the check of inputs against it."""
