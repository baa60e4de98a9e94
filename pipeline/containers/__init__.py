"""Containers: what a file really is, whatever its name says, and the sheets it holds."""
