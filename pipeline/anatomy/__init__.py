"""Anatomy: where the tables of a sheet that is not our template stand, what each row of it is, and which column is which."""
