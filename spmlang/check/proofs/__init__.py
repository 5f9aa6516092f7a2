"""Show that territories do not overlap, and give an example row where they do.

`conditions` turns a condition into sets of values by column, `overlaps` finds two that share a row by a `sweep_line`,
and `example_row` writes that row in the words of the plan.
"""
