"""Autoencoders: compression into a latent space and reconstruction."""
