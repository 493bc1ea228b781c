"""LayerGraph -> Network: what a graph is, what it costs, and how two of them differ."""
