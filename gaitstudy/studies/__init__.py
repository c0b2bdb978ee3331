"""What single data sets, walkers and claims say: the computations that the notebooks show, a module a topic."""
