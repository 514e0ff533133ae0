"""Measures the product against its time budget: `python -m benchmarks` (see docs/benchmarks.md)."""
