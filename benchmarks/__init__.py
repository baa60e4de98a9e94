"""Benchmarks: the pipeline beside what an office would use instead, on the same files in the same run. No tests."""
