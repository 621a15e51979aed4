"""Recurrent layers, also over images, and the modules that compute them."""
