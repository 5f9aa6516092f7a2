"""Tests of the model: what a project means, and what is wrong with it."""
