"""The policy pack: what every preview and every `up` must prove before anything is created."""
