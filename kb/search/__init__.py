"""Finding cases: what is indexed, what a question means, and the engines that answer it.

What makes tags or reads files does not belong here: a document arrives with its tags.
"""
