"""Answers as the API gives them, cut short: they stand in its description, and tests check them."""

from typing import Any

_SITE = "https://cases.example.org"
_CASE = f"{_SITE}/cases/helsinki-asunto-ensin"

FOUND: dict[str, Any] = {
    "total": 5,
    "items": [
        {
            "id": "helsinki-asunto-ensin",
            "title": "Asunto ensin",
            "title_en": "Housing First",
            "language": "fi",
            "city": "Helsinki",
            "country": "FI",
            "start": "2008",
            "score": 6.09,
            "matched": [
                {"leg": "concepts", "asked": "homeless", "found": "Homelessness", "concept": "06"}
            ],
            "snippet": "Asunnottomuus on puolittunut.",
            "marks": [[0, 13]],
            "fit": {
                "score": 2,
                "reasons": [
                    {
                        "kind": "same-country",
                        "points": 2,
                        "condition": "",
                        "words": "same country",
                    },
                ],
            },
            "url": _CASE,
        }
    ],
    "facets": {
        "country": [{"value": "FI", "label": "Finland", "count": 1, "selected": False}],
    },
    "page": 1,
    "size": 1,
    "pages": 5,
    "next": f"{_SITE}/api/v1/cases?q=homeless&size=1&cursor=u0pJ2hTnXq1ieNpjAAAAAQAB",
    "notes": [],
    "corrections": [],
}
CASE: dict[str, Any] = {
    "id": "helsinki-asunto-ensin",
    "title": "Asunto ensin",
    "title_en": "Housing First",
    "original_language": "fi",
    "city": "Helsinki",
    "country": "FI",
    "themes": ["06.1"],
    "start": "2008",
    "licence": "CC-BY-4.0",
    "url": _CASE,
    "revision": 1,
    "accepted": "2026-11-02T09:30:00Z",
    "evidence_level": "E2",
    "completeness": 71,
    "gaps": ["contact"],
    "tags": [
        {
            "kind": "concept",
            "value": "06.1",
            "label": "Housing First",
            "origin": "author",
            "strength": 1.0,
            "matched": "",
            "passage": "",
            "tagger": "",
        }
    ],
    "place": {
        "id": "658225",
        "name": "Helsinki",
        "country": "FI",
        "region": "FI.01",
        "latitude": 60.16952,
        "longitude": 24.93545,
        "population": 658864,
    },
}
_COLLECTION = {
    "url": f"{_SITE}/collections/fair-work",
    "revision": 1,
    "accepted": "2026-11-02T09:30:00Z",
}
COLLECTIONS: dict[str, Any] = {
    "total": 1,
    "items": [{"id": "fair-work", "title": {"en": "Fair work"}, "cases": 1, **_COLLECTION}],
}
COLLECTION: dict[str, Any] = {
    "id": "fair-work",
    "title": {"en": "Fair work"},
    "intro": {"en": "What cities did for fair work."},
    "original_language": "en",
    "made_by": {"name": "A network of cities"},
    "parts": [{"cases": [{"case": "helsinki-asunto-ensin", "note": {"en": "See what it cost."}}]}],
    **_COLLECTION,
    "present": [
        {
            "id": "helsinki-asunto-ensin",
            "title": "Asunto ensin",
            "title_en": "Housing First",
            "language": "fi",
            "city": "Helsinki",
            "country": "FI",
            "url": _CASE,
        }
    ],
    "missing": [],
}
COMPLETIONS: dict[str, Any] = {
    "items": [{"text": "Dublin", "kind": "city", "id": "Dublin", "language": ""}]
}
SUGGESTIONS: list[Any] = ["dub", ["Dublin"]]
START: dict[str, Any] = {
    "name": "citypraxis",
    "cases": f"{_SITE}/api/v1/cases",
    "case": f"{_SITE}/api/v1/cases/{{id}}",
    "collections": f"{_SITE}/api/v1/collections",
    "collection": f"{_SITE}/api/v1/collections/{{id}}",
    "schema": f"{_SITE}/schema/case.json",
    "openapi": f"{_SITE}/api/v1/openapi.json",
    "about": f"{_SITE}/api",
}
HEALTH: dict[str, Any] = {
    "status": "ok",
    "cases": 91,
    "index": {"state": "ready", "engine": "whoosh", "cases": 91, "behind": 0},
    "meaning": {"state": "off", "done": 0, "of": 0, "reason": "KB_ENCODER is off"},
    "check": {"state": "ok", "at": "2026-11-23T05:01:00Z", "age_s": 3600},
}
QUEUED: dict[str, Any] = {
    "id": "k3v9Qm1sT0xYb2Zd",
    "state": "queued",
    "url": f"{_SITE}/api/v1/uploads/k3v9Qm1sT0xYb2Zd",
    "file": "report.pdf",
    "reason": "",
}
UPLOADED: dict[str, Any] = {
    **QUEUED,
    "state": "draft",
    "draft": {"city": {"value": "Dublin", "passage": "In Dublin the city council"}},
    "receipts": [
        {
            "field": "city",
            "value": "Dublin",
            "passage": "In Dublin the city council",
            "start": 120,
            "end": 146,
        }
    ],
    "gaps": ["contact"],
    "drafts": [
        {
            "id": "b7Rt2LwPq9aXc4Ve",
            "title": "Housing First",
            "state": "draft",
            "url": f"{_SITE}/drafts/b7Rt2LwPq9aXc4Ve",
        }
    ],
}
_FROZEN: dict[str, Any] = {
    "id": "b3c1",
    "url": f"{_SITE}/snapshots/b3c1",
    "words": "Cases found for “homeless”",
    "live": f"{_SITE}/search?q=homeless",
    "address": f"{_SITE}/search?q=homeless",
    "taken": "2026-11-20T10:00:00Z",
    "count": 1,
    "package": f"{_SITE}/snapshots/b3c1/package",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "bytes": 40960,
    "held": 1,
    "licences": {"CC-BY-4.0": 1},
    "former": [],
    "citation": "citypraxis (2026). Cases found for “homeless”.",
}
FROZEN_LIST: dict[str, Any] = {"total": 1, "items": [_FROZEN], "next": None}
FROZEN: dict[str, Any] = {
    **_FROZEN,
    "cases": [
        {
            "id": "helsinki-asunto-ensin",
            "revision": 1,
            "digest": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            "state": "there",
            "url": f"{_SITE}/cases/helsinki-asunto-ensin/history/1",
        }
    ],
    "changes": {
        "added": [],
        "changed": [],
        "lost": [],
        "archived": [],
        "withdrawn": [],
        "taken_down": [],
    },
}
ADOPTIONS: dict[str, Any] = {
    "total": 1,
    "items": [
        {
            "original": {
                "case": "radars-barcelona",
                "title": "Projecte Radars",
                "city": "Barcelona",
                "country": "ES",
                "url": f"{_SITE}/cases/radars-barcelona",
            },
            "adopter": {
                "case": "",
                "title": "",
                "city": "Granollers",
                "country": "ES",
                "url": None,
            },
            "year": "",
            "state": "",
            "worked": "",
            "result": "",
            "source": None,
            "told_by": "case",
        }
    ],
    "next": None,
}
