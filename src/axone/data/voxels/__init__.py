"""Solids as voxels, and meshes that become voxels."""
