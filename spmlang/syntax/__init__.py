"""Plan text to lossless tree to AST, with recovery. The only place that imports lark."""
