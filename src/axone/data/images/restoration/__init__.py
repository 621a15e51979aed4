"""Images at their own size, in patches, with noise or with partners: what restoration learns from."""
