"""Generation of images, and how generated images are measured."""
