"""Tantivy with facets as terms aggregations over fast fields, and its own snippets."""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

_HEAP = 128_000_000
_BOTH = ("title", "text")


class Tantivy:
    """One index."""

    def __init__(self, path: Path, facets: Iterable[str]) -> None:
        self._facets = tuple(facets)
        self._path = path
        path.mkdir(parents=True, exist_ok=True)
        build = tantivy.SchemaBuilder()
        raw = partial(build.add_text_field, tokenizer_name="raw", index_option="basic")
        raw("id", stored=True)
        for name in _BOTH:
            build.add_text_field(name, stored=True, tokenizer_name="folding")
        for name in self._facets:
            raw(name, fast=True)
        self._schema = build.build()
        self._index = tantivy.Index(self._schema, path=str(path))
        plain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        folding = plain.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
        self._analyser = folding.build()
        self._index.register_tokenizer("folding", self._analyser)
        self._searcher = self._index.searcher()

    def build(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Index rows of ``id``, ``title``, ``text`` and ``facets``, with one thread as we do."""
        writer = self._index.writer(_HEAP, 1)
        for row in rows:
            writer.add_document(self._document(row))
        writer.commit()
        writer.wait_merging_threads()
        self._reopen()

    def change(self, row: Mapping[str, Any]) -> None:
        """Replace a case, so that it is found from then on."""
        writer = self._index.writer(_HEAP, 1)
        writer.delete_documents_by_term("id", row["id"])
        writer.add_document(self._document(row))
        writer.commit()
        self._reopen()

    def ask(self, asked: Mapping[str, Any]) -> tuple[int, int]:
        """Answer with ten snippets and all facets; return how many were found and facet values."""
        words, filters = self._words(asked), asked["filters"]
        query = self._passing(words, filters)
        found = self._searcher.search(query, 10)
        snippets = tantivy.SnippetGenerator.create(self._searcher, words, self._schema, "text")
        for _, address in found.hits:
            snippets.snippet_from_doc(self._searcher.doc(address)).to_html()
        plain = [name for name in self._facets if name not in filters]
        counts = self._counts(query, plain)
        for name in filters:  # each facet without its own filter
            others = {other: values for other, values in filters.items() if other != name}
            counts += self._counts(self._passing(words, others), [name])
        return found.count, counts

    def size(self) -> int:
        """Return its bytes on disk."""
        return sum(path.stat().st_size for path in self._path.rglob("*") if path.is_file())

    def _reopen(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()

    def _document(self, row: Mapping[str, Any]) -> tantivy.Document:
        made = tantivy.Document(id=[row["id"]], title=[row["title"]], text=[row["text"]])
        for name in self._facets:
            for value in row["facets"][name]:
                made.add_text(name, value)
        return made

    def _counts(self, query: Query, names: Iterable[str]) -> int:
        asked = {name: {"terms": {"field": name, "size": 300}} for name in names}
        told = self._searcher.aggregate(query, asked)
        told = json.loads(told) if isinstance(told, str) else told
        return sum(len(values["buckets"]) for values in told.values())

    def _passing(self, words: Query, filters: Mapping[str, list[str]]) -> Query:
        sets = [Query.term_set_query(self._schema, name, list(v)) for name, v in filters.items()]
        needed = [words, *(Query.const_score_query(each, 0.0) for each in sets)]
        return words if not sets else Query.boolean_query([(Occur.Must, each) for each in needed])

    def _words(self, asked: Mapping[str, Any]) -> Query:
        tokens = [token for word in asked["words"] for token in self._analyser.analyze(word)]
        if asked["form"] == "phrase" and len(tokens) > 1:
            return self._either(lambda name: Query.phrase_query(self._schema, name, tokens))
        if asked["form"] == "prefix":
            return self._either(
                lambda name: Query.regex_query(self._schema, name, f"{tokens[0]}.*")
            )
        if asked["form"] == "fuzzy":
            return self._either(lambda name: Query.fuzzy_term_query(self._schema, name, tokens[0]))
        occur = Occur.Should if asked["form"].startswith("any") else Occur.Must
        return Query.boolean_query([(occur, self._one(token)) for token in tokens])

    def _one(self, token: str) -> Query:
        return self._either(
            lambda name: Query.term_query(self._schema, name, token, index_option="freq")
        )

    @staticmethod
    def _either(make: Any) -> Query:
        return Query.boolean_query([(Occur.Should, make(name)) for name in _BOTH])
