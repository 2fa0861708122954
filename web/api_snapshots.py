"""The answers for programs about frozen results; they are frozen on the site, not through here."""

from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify, request, url_for
from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from kb import quoting
from kb.frozen import Snapshot
from kb.moments import utc
from kb.since import Changes, Listed
from web import context, errors, samples
from web.converters import SlugConverter
from web.operation import Answer, Operation, Parameter, described, in_path
from web.responses import conditional
from web.shapes import Url, Utc
from web.snapshots import SHOWN, case_path, changes_since, live, url_of

pages = Blueprint("api_snapshots", __name__)

_told = with_config(ConfigDict(use_attribute_docstrings=True))

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@_told
class Replaced(TypedDict):
    """A package that is no more, because a case in it was taken down."""

    sha256: Sha256
    until: Utc


@_told
class Frozen(TypedDict):
    """A frozen result without its cases."""

    id: str
    url: Url
    words: str
    """What was asked, in words."""
    live: Url
    """Where the same question is answered as of today."""
    address: Url
    """Where it was answered when it was frozen."""
    taken: Utc
    count: int
    """How many cases were frozen."""
    package: Url
    """The data package (Frictionless, Croissant)."""
    sha256: Sha256
    """Of the package."""
    bytes: int
    held: int
    """How many cases the package has; fewer than ``count`` where some were taken down."""
    licences: dict[str, int]
    """How many of its cases have which licence."""
    former: list[Replaced]
    citation: str


@_told
class FrozenList(TypedDict):
    """Some frozen results, the newest first."""

    total: int
    items: list[Frozen]
    next: Url | None
    """Where older ones are; null where there are none."""


@_told
class FrozenCase(TypedDict):
    """A case as it was frozen."""

    id: str
    revision: int
    digest: str
    """SHA-256 of what the revision says; empty once it was taken down."""
    state: Literal["there", "archived", "withdrawn", "taken-down"]
    url: Url


@_told
class Since(TypedDict):
    """What has changed since: ids of cases."""

    added: list[str]
    """Found by the same question now, and not then."""
    changed: list[str]
    """There is a newer revision."""
    lost: list[str]
    """Still here, and no longer found."""
    archived: list[str]
    withdrawn: list[str]
    taken_down: list[str]


@_told
class FrozenWhole(Frozen):
    """A frozen result with its cases, in their order."""

    cases: list[FrozenCase]
    changes: Since | None
    """Null while nobody can say what is found now, as when the index is being rebuilt."""


@pages.get("/api/v1/snapshots")
@described(
    Operation(
        "List frozen results",
        "Searches that were frozen to be quoted, the newest first. `next` leads to older ones.",
        (Answer("Some of them.", (FrozenList,), samples.FROZEN_LIST),),
        (Parameter("after", "Where to go on, as `next` says it.", {"type": "string"}),),
        (errors.NO_SNAPSHOT,),
    )
)
def snapshots() -> Response:
    """List the frozen results, the newest first."""
    mine = context.library().snapshots
    found = mine.newest(SHOWN + 1, request.args.get("after", ""))
    answer = FrozenList(
        total=mine.count(),
        items=[_frozen(each) for each in found[:SHOWN]],
        next=_after(found[SHOWN - 1]) if len(found) > SHOWN else None,
    )
    return conditional(jsonify(answer))


@pages.get("/api/v1/snapshots/<slug:snapshot_id>")
@described(
    Operation(
        "Read a frozen result",
        "Its cases as they were frozen, in their order, and what has changed since.",
        (Answer("The frozen result.", (FrozenWhole,), samples.FROZEN),),
        (
            in_path(
                "snapshot_id", "Id of the snapshot.", "b3c1", pattern=f"^{SlugConverter.regex}$"
            ),
        ),
        (errors.NO_SNAPSHOT,),
    )
)
def snapshot(snapshot_id: str) -> Response:
    """Return a frozen result with its cases, and what has changed since."""
    mine = context.library().snapshots
    found = mine.get(snapshot_id)
    changes = changes_since(found)
    answer = FrozenWhole(
        **_frozen(found),
        cases=[_case(each) for each in mine.cases(snapshot_id)],
        changes=_since(changes) if changes else None,
    )
    return conditional(jsonify(answer))


def _after(last: Snapshot) -> str:
    return context.public_url(url_for("api_snapshots.snapshots", after=last.id))


def _frozen(found: Snapshot) -> Frozen:
    package = url_for("snapshots.package", snapshot_id=found.id)
    return Frozen(
        id=found.id,
        url=url_of(found),
        words=found.words,
        live=context.public_url(live(found.question)),
        address=found.address,
        taken=utc(found.taken),
        count=found.count,
        package=context.public_url(package),
        sha256=found.sha256,
        bytes=found.size_bytes,
        held=found.held,
        licences=dict(found.licences),
        former=[Replaced(sha256=each.sha256, until=utc(each.until)) for each in found.former],
        citation=quoting.sentence(found, url_of(found)),
    )


def _case(each: Listed) -> FrozenCase:
    return FrozenCase(
        id=each.case_id,
        revision=each.kept.revision,
        digest=each.kept.digest,
        state=each.state,
        url=context.public_url(case_path(each)),
    )


def _since(changes: Changes) -> Since:
    return Since(
        added=list(changes.added),
        changed=list(changes.changed),
        lost=list(changes.lost),
        archived=list(changes.archived),
        withdrawn=list(changes.withdrawn),
        taken_down=list(changes.taken_down),
    )
