"""Parse plan text into a lossless tree and an abstract tree, with recovery. Only this folder imports lark."""
