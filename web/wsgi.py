"""The site for servers that run several processes, such as gunicorn: ``web.wsgi:site()``.

It is called in each process after it was forked: neither connections to the database nor readers
of the index outlive a fork.
"""

import atexit

from flask import Flask

from kb.library import open_library
from kb.settings import Settings
from web import create_app


def site() -> Flask:
    """Return the site as the ``KB_*`` variables describe it; its library ends with the process.

    Raises:
        SettingError: a variable has a value that cannot be used.
        DamagedStoreError: the database is damaged.
    """
    settings = Settings.from_env()
    library = open_library(settings)
    atexit.register(library.close)
    library.check_store()
    library.warm()
    return create_app(library, settings)
