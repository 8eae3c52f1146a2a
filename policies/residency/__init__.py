"""Residency: the place of every cloud resource lies in the jurisdiction of its stack."""
