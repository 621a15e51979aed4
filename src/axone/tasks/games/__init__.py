"""What systems share that learn board games by playing against themselves."""
