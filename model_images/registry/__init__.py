"""Client of the OCI distribution API (docs/decisions/0012-registry-client.md)."""
