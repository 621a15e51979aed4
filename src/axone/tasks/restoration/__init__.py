"""Image restoration: noise, blur and missing parts."""
