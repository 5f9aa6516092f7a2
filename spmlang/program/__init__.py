"""The typed, checked program: the only form of a plan that the compiler, the reference and the outputs read.

Plain frozen dataclasses without behaviour that computes money. Docs: decisions/0002-meaning-of-a-run.md.
"""
