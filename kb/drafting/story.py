"""The challenge and the solution, as far as headings say which is which."""

from collections.abc import Iterator

from kb.drafting.form import Form
from kb.drafting.proposal import Found
from kb.drafting.source import Source
from kb.drafting.title import told

LONGEST = {"challenge": 1500, "solution": 2000}
_SHORTEST = 30


def find(source: Source, form: Form) -> Iterator[Found]:
    """Yield what stands under the first heading of each kind that has a text below it."""
    for name, most in LONGEST.items():
        for answer in form.get(name, ()):
            if len(answer.text) >= _SHORTEST:
                yield from told(name, source, answer.start, answer.end, most)
                break
