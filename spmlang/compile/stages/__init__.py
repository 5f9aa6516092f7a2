"""Declare every stage and input of the pipeline once, with its columns.

What makes a stage and what reads it share its declaration. Tests compare every pipeline that they build with these
declarations.
"""
