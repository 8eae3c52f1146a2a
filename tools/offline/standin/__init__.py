"""The stand-in provider: one gRPC server for every package, started by the engine in an offline environment."""
