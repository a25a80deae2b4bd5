"""Studies: how many local images a network from another domain needs, on a grid of settings."""
