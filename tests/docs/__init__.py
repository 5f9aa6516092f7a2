"""The pages are true: their snippets parse, their commands print what they show, their links lead somewhere.

Marks in a page are HTML comments on the line before a fenced block, so that readers do not see them:
`<!-- file: PATH -->`    the block is written to PATH;
`<!-- add: PATH -->`     the block is added at the end of PATH, after an empty line;
`<!-- edit: PATH -->`    the block is a `diff` with one stretch of lines; it is applied to PATH;
`<!-- shows: PATH -->`   the block is the content of PATH (under `--accept` it is rewritten);
`<!-- not run: WHY -->`  the block's commands are not run.
"""
