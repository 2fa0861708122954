"""Names of the policies that a case can serve; the case holds their numbers only."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

PILLAR = (
    _l("Education, training and life-long learning"),
    _l("Gender equality"),
    _l("Equal opportunities"),
    _l("Active support to employment"),
    _l("Secure and adaptable employment"),
    _l("Wages"),
    _l("Information about employment conditions and protection in case of dismissals"),
    _l("Social dialogue and involvement of workers"),
    _l("Work-life balance"),
    _l("Healthy, safe and well-adapted work environment and data protection"),
    _l("Childcare and support to children"),
    _l("Social protection"),
    _l("Unemployment benefits"),
    _l("Minimum income"),
    _l("Old age income and pensions"),
    _l("Health care"),
    _l("Inclusion of people with disabilities"),
    _l("Long-term care"),
    _l("Housing and assistance for the homeless"),
    _l("Access to essential services"),
)
"""The twenty principles of the European Pillar of Social Rights (2017), in their order."""

GOALS = (
    _l("No poverty"),
    _l("Zero hunger"),
    _l("Good health and well-being"),
    _l("Quality education"),
    lazy_pgettext("Sustainable Development Goal", "Gender equality"),
    _l("Clean water and sanitation"),
    _l("Affordable and clean energy"),
    _l("Decent work and economic growth"),
    _l("Industry, innovation and infrastructure"),
    _l("Reduced inequalities"),
    _l("Sustainable cities and communities"),
    _l("Responsible consumption and production"),
    _l("Climate action"),
    _l("Life below water"),
    _l("Life on land"),
    _l("Peace, justice and strong institutions"),
    _l("Partnerships for the goals"),
)
"""The seventeen Sustainable Development Goals of the United Nations (2015), in their order."""


def principle(number: int) -> str:
    """Name a principle of the Pillar; ``number`` is from 1 to 20."""
    return str(_("Principle %(number)s. %(name)s", number=number, name=PILLAR[number - 1]))


def goal(number: int) -> str:
    """Name a goal; ``number`` is from 1 to 17."""
    return str(_("Goal %(number)s. %(name)s", number=number, name=GOALS[number - 1]))
