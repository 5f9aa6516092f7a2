"""The reference interpreter, which defines the meaning of a plan in plain exact Python.

Its folders are those of `spmlang.compile`, with a rule in the same place. `engine` runs a whole program, `examples`
evaluates `example` blocks, `recompute` computes the earnings of one payee and pay period, and `trace` shows how every
measure treats a row.
"""
