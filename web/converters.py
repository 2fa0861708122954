"""The shapes that parts of an address may have."""

from werkzeug.routing import BaseConverter


class SlugConverter(BaseConverter):
    """The id of a case: small letters, digits and hyphens, at most 100, and so never a path."""

    regex = "[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?"
