"""The earnings of each component, for each payee and due interval, before limits."""
