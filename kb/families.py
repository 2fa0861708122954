"""Which countries have law and administration of one family, so that practices travel easily.

After Newman and Thornley, Urban Planning in Europe (Routledge 1996), chapter 3, who join the legal
families of Zweigert and Kötz (An Introduction to Comparative Law) with the structure of local
administration. The countries of central and eastern Europe stand in none: those who have compared
them find too much difference to speak of one family (Swianiewicz, An Empirical Typology of Local
Government Systems in Eastern Europe, Local Government Studies 40, 2014).

The lists are as they are commonly cited; nobody has yet compared them with the book.
"""

from collections.abc import Mapping
from types import MappingProxyType

FAMILIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "british": frozenset({"GB", "IE"}),
        "germanic": frozenset({"AT", "CH", "DE"}),
        "napoleonic": frozenset({"BE", "ES", "FR", "GR", "IT", "LU", "NL", "PT"}),
        "scandinavian": frozenset({"DK", "FI", "NO", "SE"}),
    }
)
"""Family -> its countries (ISO 3166-1)."""

_FAMILY_OF = {code: name for name, codes in FAMILIES.items() for code in codes}


def family(country: str) -> str:
    """Return the family of a country; empty where the source has none."""
    return _FAMILY_OF.get(country, "")
