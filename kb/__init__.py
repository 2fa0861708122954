"""The knowledge base: cases of social innovation in cities, kept, tagged and found."""
