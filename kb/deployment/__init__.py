"""Whether the site is set up to be left alone in public: what is missing, and what to do.

Each check is a function from the settings, the health of the site, or the computer to a `Row`;
`CHECKS` is the list of them. Nothing is changed, and nobody outside is asked.
"""

from functools import partial
from typing import TYPE_CHECKING

from kb.deployment import computer, public, running
from kb.deployment.row import Row, State
from kb.health import Health
from kb.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Row", "State", "rows"]


def rows(settings: Settings, health: Health) -> tuple[Row, ...]:
    """Return a row for each check, in the order in which an operator sets up a site."""
    checks: tuple[Callable[[], Row], ...] = (
        *(partial(check, settings) for check in public.CHECKS),
        *(partial(check, settings) for check in computer.CHECKS),
        *(partial(check, health) for check in running.CHECKS),
    )
    return tuple(check() for check in checks)
