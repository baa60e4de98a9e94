"""Turn hamlet workbooks into commune statistics and district rollups."""

__version__ = "0.1.0"
