"""Images: reading, listing, splitting into streams, reporting."""
