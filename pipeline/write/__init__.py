"""Write what leaves the house: one module per thing."""
