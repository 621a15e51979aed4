"""Files of music: MIDI and MusicXML, read and written, and JSON with pieces that are on a grid already."""
