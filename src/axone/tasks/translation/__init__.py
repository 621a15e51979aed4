"""Translation of images from one domain to another."""
