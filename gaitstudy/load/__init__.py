"""What the knee feels: joint centres, segment dynamics, knee moments."""
