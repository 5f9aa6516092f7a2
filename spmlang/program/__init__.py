"""The typed, checked program: the only form of a plan that the compiler, the reference and the outputs read.

Frozen dataclasses without behaviour that computes money. Meaning: docs/decisions/0002-meaning-of-a-run.md.
"""
