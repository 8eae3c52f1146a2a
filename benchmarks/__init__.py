"""Benchmarks: each prints ratios, since seconds differ from machine to machine. Never part of a test."""
