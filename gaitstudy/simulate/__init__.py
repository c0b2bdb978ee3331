"""Simulated people with a known truth: a walker on a treadmill."""
