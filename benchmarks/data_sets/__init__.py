"""Data sets that benchmarks make: of packages that are installed, of recordings, of formulas."""
