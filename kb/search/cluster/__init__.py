"""The engine for many machines: OpenSearch, asked with the tokens that the embedded engine uses."""
