"""The machine: devices, threads, floating-point precision, random states."""
