"""What the walker does: signals, events, steps, feet."""
