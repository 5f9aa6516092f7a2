"""Show that territories do not overlap, and give an example row if they do.

`conditions` turns a condition into sets of values by column. `overlaps` finds two territories that share a row, with a
`sweep_line` for numbers. `example_row` writes that row in the words of the plan.
"""
