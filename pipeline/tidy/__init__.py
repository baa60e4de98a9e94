"""Tidy: what people typed becomes typed values, one distinct value at a time."""
