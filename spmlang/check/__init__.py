"""Turn plan files and the project file into one typed, proven `Program`, or into diagnostics.

`check_project` runs the passes in the order in which their results are needed: files, templates and versions, tables,
territories, measures, quotas, components, plans, examples. Each pass reads the syntax tree and returns objects of
`spmlang.program`. `context` holds the data that all passes share, and collects every problem instead of raising the
first one. `proofs/` finds territories that overlap.
"""
