"""A folder of images: which files it has, what its layout means, and all of them as one data set."""
