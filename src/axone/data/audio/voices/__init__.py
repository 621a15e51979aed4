"""Synthetic voices: `espeak` speaks through the library of `espeakng-loader`, `program` through `espeak-ng`."""
