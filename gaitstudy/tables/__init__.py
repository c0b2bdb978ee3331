"""Tables that take longer to make than a cell of a notebook: one importable function for each."""
