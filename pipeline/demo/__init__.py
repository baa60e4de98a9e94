"""Invent communes, people and mistakes to show and to test the pipeline with."""
