"""What every engine goes by when it decides which cases match and how well.

The weights were set on the development questions (`make evaluate`): 1.5 to 2 for words and 2 to 4
for concepts that are near are within half a point.
"""

from kb.saying import term
from kb.vocabulary import nameable

CONCEPT_WEIGHT = 3.0
"""A concept weighs as much as a good word."""
SPELLING_WEIGHT = 0.7
"""The bare spelling weighs less: in another language it may mean something else."""
STOP_WEIGHT = 0.1
SET_SCORES = {"phrase": 1.0, "field": 0.0}
"""A phrase is rare by itself; a field is a filter and says nothing of how well a case fits."""
ALL_NEEDED = 2
"""One or two words must all be met; of more a share, because people type sentences."""
NEEDED_SHARE = 0.6
GOOD_SHARE = 0.15
"""A case about a concept needs so much of what the best case scores."""
OFTEN = 5
"""A neighbour that so many cases have is offered in place of a word that one case has."""
MOST_FORMS = 3
MOST_EXPANSIONS = 100

COSINE_UNIT = 0.07
"""How far cosines of one question scatter over the cases."""
WORDS_WEIGHT = 1.5
NEAR_CONCEPT_WEIGHT = 4.0
MOST_NEARBY = 20
NEARBY = 1.7
"""A case that no word finds is shown from here on; a higher bar loses cases that answer."""
NEARBY_ALONE = 3.2
"""The bar where no word is met: of 60 strings of random letters, 9 in 10 stay below."""

SIMILAR_WEIGHTS = {"theme": 1.0, "target": 0.6, "type": 0.3, "population": 0.3, "cost": 0.3}
"""What an official asks of a case elsewhere: the same task, the same people, a city like mine."""
SIMILAR_NEEDED = "theme"
UNTOLD = {"unknown", ""}

SOME_OF_THEM = term("No case has enough of these words; shown are cases that have some.")


def concept_label(concept_id: str, language: str) -> str:
    """Name a concept; an index that is about to be rebuilt may hold one that is no more."""
    concept = nameable().get(concept_id)
    return concept_id if concept is None else concept.label(language)
