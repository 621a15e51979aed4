"""3-D shapes: `meshes` reads files as voxels; `voxels` fills, connects and writes them."""
