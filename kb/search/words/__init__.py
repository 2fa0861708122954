"""What words can be: the tokens of texts and labels, and what people may have meant to type."""
