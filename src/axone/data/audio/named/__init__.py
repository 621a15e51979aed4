"""What data sets with a name are made of, besides synthetic voices: Morse code, and a download."""
