"""Names of the policies that a case can serve; the case holds their numbers only."""

PILLAR = (
    "Education, training and life-long learning",
    "Gender equality",
    "Equal opportunities",
    "Active support to employment",
    "Secure and adaptable employment",
    "Wages",
    "Information about employment conditions and protection in case of dismissals",
    "Social dialogue and involvement of workers",
    "Work-life balance",
    "Healthy, safe and well-adapted work environment and data protection",
    "Childcare and support to children",
    "Social protection",
    "Unemployment benefits",
    "Minimum income",
    "Old age income and pensions",
    "Health care",
    "Inclusion of people with disabilities",
    "Long-term care",
    "Housing and assistance for the homeless",
    "Access to essential services",
)
"""The twenty principles of the European Pillar of Social Rights (2017), in their order."""

GOALS = (
    "No poverty",
    "Zero hunger",
    "Good health and well-being",
    "Quality education",
    "Gender equality",
    "Clean water and sanitation",
    "Affordable and clean energy",
    "Decent work and economic growth",
    "Industry, innovation and infrastructure",
    "Reduced inequalities",
    "Sustainable cities and communities",
    "Responsible consumption and production",
    "Climate action",
    "Life below water",
    "Life on land",
    "Peace, justice and strong institutions",
    "Partnerships for the goals",
)
"""The seventeen Sustainable Development Goals of the United Nations (2015), in their order."""


def principle(number: int) -> str:
    """Name a principle of the Pillar; ``number`` is from 1 to 20."""
    return f"{number}. {PILLAR[number - 1]}"


def goal(number: int) -> str:
    """Name a goal; ``number`` is from 1 to 17."""
    return f"{number}. {GOALS[number - 1]}"
