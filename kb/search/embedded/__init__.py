"""The embedded engine: Whoosh 2.7.4 on disk, read as arrays; for one machine."""
