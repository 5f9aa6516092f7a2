"""The reference interpreter: it defines the meaning of a plan in plain exact Python.

It has the folders of `spmlang.compile`, with a rule in the same place. `engine` runs a whole program, `examples` evaluates
`example` blocks, `recompute` computes the pay of one payee and period, and `trace` tells what every measure makes of a row.
"""
