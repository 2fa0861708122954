"""The leg of meaning: passages and names of concepts as vectors, mapped from one file."""
