"""The command line: it reads arguments, calls the library, prints. No rule of the field is here."""

from __future__ import annotations

import sys
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from flask import Flask

    from kb.accounts import Person
    from kb.checking import Report
    from kb.digests import Digest, Write
    from kb.harvesting import Harvest
    from kb.ingesting import Ingested
    from kb.library import Library
    from kb.mail import Letter
    from kb.worker import Post

T = TypeVar("T")

_OPERATOR = "operator"
_TOKEN_DAYS = 365


class _Group(click.Group):
    """Turns what the knowledge base raises on purpose into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        from kb.errors import KbError

        try:
            return super().invoke(ctx)
        except KbError as err:
            raise click.ClickException(str(err)) from err


@click.group(cls=_Group)
def cli() -> None:
    """Keep a knowledge base of good practice in cities: take in case files, index, search, serve.

    Settings are read from the environment: KB_DATA, KB_HOST, KB_PORT, KB_SITE_URL,
    KB_SITE_NAME, KB_ENCODER, KB_SNAPSHOTS_MB, KB_SMTP, KB_MAIL_FROM, KB_OIDC_ISSUER,
    KB_OIDC_CLIENT, KB_OIDC_SECRET_FILE, KB_OIDC_ROLE.
    """


_jobs = click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Processes that tag, each with 500 MB.",
)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_jobs
def ingest(paths: tuple[Path, ...], jobs: int) -> None:
    """Take in case files, or folders of them, then tag and index.

    Example: indexer.py ingest corpus --jobs 4

    Stopped in between, it goes on from there when it is run again.

    A file that is refused is named with line, field and remedy, and does not keep out the others;
    the exit code is then 1.
    """
    with closing(_library()) as library:
        result = library.ingest(paths, _watch)
        _report(result)
        library.sync(_watch, jobs)
    if result.refused:
        sys.exit(1)


@cli.command()
@_jobs
def sync(jobs: int) -> None:
    """Bring tags, index and vectors up to the cases.

    Example: indexer.py sync
    """
    with closing(_library()) as library:
        click.echo(f"{library.sync(_watch, jobs)} cases indexed.")
        library.learn(watch=_watch)


@cli.command()
@_jobs
def rebuild(jobs: int) -> None:
    """Build the index anew; the old one answers until the new one is there.

    Example: indexer.py rebuild
    """
    with closing(_library()) as library:
        click.echo(f"{library.rebuild(_watch, jobs)} cases indexed.")


@cli.command()
@click.argument("text", nargs=-1)
@click.option("--size", default=10, show_default=True, help="How many cases to show.")
@click.option("--lang", default="en", show_default=True, help="Language of the labels.")
def search(text: tuple[str, ...], size: int, lang: str) -> None:
    """Search as the search page does.

    Example: indexer.py search obdachlose country:FI
    """
    from kb.query import Query

    with closing(_library()) as library:
        result = library.search(Query(" ".join(text), size=size, reader=lang))
    click.echo(f"{result.total} cases found.")
    for note in result.notes:
        click.echo(note)
    for hit in result.hits:
        english = f" [{hit.title_en}]" if hit.title_en else ""
        click.echo(f"\n{hit.id}  {hit.title}{english}\n  {hit.city}, {hit.country}, {hit.start}")
        for match in hit.matches:
            click.echo(f"  found by {match.leg}: {match.asked} -> {match.found}")
        click.echo(f"  {hit.passage.text}")


@cli.command()
@click.argument("format_name", metavar="FORMAT")
@click.option("--query", "text", default="", help="What to search for; all cases without it.")
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="FACET=VALUE",
    help="Only cases with this value; repeat it.",
)
@click.option("--lang", default="en", show_default=True, help="Language of the labels.")
@click.option("--bom", is_flag=True, help="Begin CSV with the mark by which Excel knows UTF-8.")
@click.option("--raw", is_flag=True, help="Leave texts in CSV that look like formulas as they are.")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
def export(  # noqa: PLR0913 - one for each option
    format_name: str,
    text: str,
    filters: tuple[str, ...],
    lang: str,
    *,
    bom: bool,
    raw: bool,
    output: Path,
) -> None:
    """Write all cases that a question finds into a file, as /export does.

    Example: indexer.py export csv --query housing --filter country=FI --output cases.csv
    """
    from kb import exporting, exports
    from kb.query import Query

    row = exports.export(format_name)
    query = Query(text, _filters(filters), reader=lang)
    with closing(_library()) as library:
        taken = library.export(query, tagged=row.tagged)
        told = exporting.context(library.settings, query, bom=bom, raw=raw)
        written = row.write(_watch("Exporting", taken.records, taken.count), told)
        exporting.save(written, output)
    click.echo(f"{taken.count} cases written to {output}.")


@cli.command()
@click.argument("source")
@click.option("--as", "email", required=True, help="Whose the drafts are: somebody's address.")
@click.option("--format", "format_name", default="", help="jsonl, package, or one of OAI-PMH.")
@click.option("--set", "set_name", default="", help="Only this set, of OAI-PMH.")
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Only what has changed since, in UTC.",
)
@click.option("--licence", default="", metavar="SPDX", help="That of records that name none.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would become of what.")
def harvest(  # noqa: PLR0913, PLR0917 - one for each option
    source: str,
    email: str,
    format_name: str,
    set_name: str,
    since: datetime | None,
    licence: str,
    *,
    dry_run: bool,
) -> None:
    """Take over cases from another site: by OAI-PMH, or from its JSON Lines or data package.

    Example: indexer.py harvest https://cases.example/oai --as anna@city.example

    SOURCE is an address, or the path of a file that ends in .jsonl or .zip. Whole cases are
    published, all others become drafts; nothing is overwritten or deleted. Run it again to take
    over what has changed. The exit code is 1 if something was refused.
    """
    from kb.peers.opening import opened

    with closing(_library()) as library:
        person = library.harvesting.person(email)
        with opened(source, format_name, set_name) as peer:
            result = library.harvesting.run(
                peer,
                person,
                set_name=set_name,
                since=f"{since:%Y-%m-%dT%H:%M:%SZ}" if since else "",
                licence=_licence(licence),
                dry_run=dry_run,
                watch=_watch,
            )
        _tell(result, dry_run=dry_run)
        if not dry_run:
            library.sync(_watch)
    if result.refused:
        sys.exit(1)


@cli.command()
@click.argument("text", nargs=-1)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="FACET=VALUE",
    help="Only cases with this value; repeat it.",
)
@click.option("--lang", default="en", show_default=True, help="Language of the labels.")
def freeze(text: tuple[str, ...], filters: tuple[str, ...], lang: str) -> None:
    """Freeze what a question finds, to be cited: print its address, hash and citation.

    Example: indexer.py freeze homeless --filter country=FI

    The same result frozen again is the same snapshot.
    """
    from kb import quoting
    from kb.frozen import Question
    from kb.query import Query

    question = Question(Query(" ".join(text), _filters(filters), reader=lang))
    with closing(_library()) as library:
        frozen = library.snapshots.freeze(question)
        url = f"{library.settings.public_url}/snapshots/{frozen.id}"
    click.echo(f"{url}\n{frozen.count} cases, SHA-256 {frozen.sha256}")
    click.echo(quoting.sentence(frozen, url))


@cli.command()
@click.argument("snapshot_id", metavar="ID")
def unlist(snapshot_id: str) -> None:
    """Take a snapshot out of list, catalogue and sitemap; its address stays as it is.

    Example: indexer.py unlist 0a1b2c3d4e5f6789

    Anybody can freeze the result of any question, and its words stand in the list.
    """
    with closing(_library()) as library:
        library.snapshots.unlist(snapshot_id)


@cli.command()
def status() -> None:
    """Say how many cases there are and how the index stands to them.

    Example: indexer.py status
    """
    with closing(_library()) as library:
        state, check = library.status(), library.checking.last()
    click.echo(f"{state.cases} cases; index ({state.index.engine}) {state.index.state}:")
    click.echo(f"{state.index.cases} cases in it, {state.index.behind} changed since.")
    meaning = state.meaning
    told = meaning.reason or f"{meaning.done} of {meaning.of} vectors"
    click.echo(f"Search by meaning {meaning.state}: {told}.")
    ago = "" if check.age_s is None else f", {check.age_s / 3600:.1f} hours ago"
    faults = f": {check.faults}" if check.faults else ""
    click.echo(f"Last check {check.state}{ago}{faults}.")


@cli.command()
@click.option("--deploy", is_flag=True, help="In place of that: is the site set up to be public?")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def check(*, deploy: bool, as_json: bool) -> None:
    """Check that all that was taken in is there, whole, and in the index as it is in the store.

    Example: indexer.py check --json

    Changes nothing. Each thing that was looked at is one line; under it stands what is wrong, and
    what to do about it. The exit code is 1 if something is. Run it as the user of the site, with
    its settings.
    """
    import json

    if deploy:
        with closing(_library()) as library:
            _deployed(library, as_json=as_json)
        return
    report = _checked()
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    else:
        _tell_check(report)
    if report.faults:
        sys.exit(1)


def _checked() -> Report:
    from kb.checking import unopened
    from kb.errors import StoreUnavailableError
    from kb.settings import Settings

    try:
        with closing(_library()) as library:
            return library.checking.run(_watch)
    except StoreUnavailableError as err:
        return unopened(Settings.from_env().data, err)


def _tell_check(report: Report) -> None:
    for row in report.rows:
        click.echo(f"{row.name:18} {row.count or 'ok':>6}  {row.looked_at}")
        for text in row.found:
            click.echo(f"{'':25}  {text}")
        if row.count:
            click.echo(f"{'':25}  -> {row.remedy}")
    named = ", ".join(row.name for row in report.faults)
    click.echo(f"Faults: {named}." if named else "No faults.")


@cli.command()
@click.argument("questions", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def evaluate(questions: Path, *, as_json: bool) -> None:
    """Measure how well judged questions are answered: nDCG, reciprocal rank and recall at ten.

    Example: indexer.py evaluate judgments.jsonl --json
    """
    import json

    from kb import evaluation

    asked = evaluation.questions(questions)
    with closing(_library()) as library:
        reports = {
            name: evaluation.report(evaluation.evaluate(library, asked, legs=legs))
            for name, legs in evaluation.LEGS.items()
        }
    if as_json:
        click.echo(json.dumps(reports, ensure_ascii=False, indent=1))
        return
    for legs_name, report in reports.items():
        click.echo(f"\n{legs_name:32} questions  nDCG@10   MRR@10  recall@10")
        for name, row in report["means"].items():
            numbers = f"{row['ndcg']:9.3f}{row['mrr']:9.3f}{row['recall']:11.3f}"
            click.echo(f"{name:32} {row['questions']:9}{numbers}")


@cli.command()
def vocabulary() -> None:
    """Check the vocabularies for gaps, clashes and circles; exit code 1 if there are any.

    Example: indexer.py vocabulary
    """
    from kb.thesaurus import faults

    found = list(faults())
    for fault in found:
        click.echo(str(fault))
    click.echo(f"{len(found)} faults.")
    if found:
        sys.exit(1)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--write", is_flag=True, help="Write them into kb/vocabulary/labels.")
def labels(file: Path, *, write: bool) -> None:
    """List the labels that a SKOS file, such as EuroVoc, has for our themes and we have not.

    Example: indexer.py labels eurovoc.ttl --write

    A label that stands for another theme already is left out. After writing, run make vocabulary
    and make vectors.
    """
    from kb import skos, thesaurus

    found = list(thesaurus.additions(skos.labels_in(file)))
    for addition in found:
        click.echo(f"{addition.concept} [{addition.language}] {addition.text}")
    if write:
        thesaurus.add(found)
    click.echo(f"{len(found)} labels {'written' if write else 'found'}.")


@cli.command()
@click.argument("passages", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("names", type=click.Path(path_type=Path, file_okay=False, exists=True))
def vectors(passages: Path, names: Path) -> None:
    """Write the vectors of all cases and of all names of concepts into two folders, to ship them.

    Example: indexer.py vectors corpus kb/vocabulary
    """
    from kb.intake import VECTORS

    with closing(_library()) as library:
        library.write_vectors(passages / VECTORS, names / VECTORS)


@cli.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--keep", default=0, metavar="N", help="How many backups to keep; all without it.")
def backup(target: Path, *, keep: int) -> None:
    """Back up database, originals and snapshots, while the site runs, and check what was written.

    Example: indexer.py backup /backups/citypraxis --keep 14

    TARGET is a folder that holds backups, each in a folder of its own and without the space that
    it has in common with others; or one file, whose name ends in .tar. The exit code is 1 if
    files that belong to cases were lost before.
    """
    if keep and target.suffix == ".tar":
        raise click.BadParameter("--keep is for folders; a .tar holds one backup")
    with closing(_library()) as library:
        made = library.backups.make(target, keep, _watch)
    told = made.manifest
    size = sum(size for _, size in told.files.values())
    click.echo(f"{told.cases} cases, {len(told.files)} files, {size / 1e6:.1f} MB in {made.path}")
    for name in told.missing:
        click.echo(f"{name} is lost or damaged; run indexer.py check", err=True)
    if told.missing:
        sys.exit(1)


@cli.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="An empty folder, or a new one.",
)
@click.option(
    "--files", type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Where originals and snapshots lie, if SOURCE is a database alone.",
)  # fmt: skip
def restore(source: Path, into: Path, files: Path | None) -> None:
    """Make a site of a backup in an empty folder, build its index, and check all of it.

    Example: indexer.py restore /backups/citypraxis --into /var/lib/citypraxis-restored

    SOURCE is a backup, a folder of backups (the newest is taken), or, with --files, a database as
    Litestream restores it. Nothing is served from there until KB_DATA names it. The exit code is
    1 if the check finds a fault.
    """
    from kb.restoring import restore as restored
    from kb.settings import Settings

    done = restored(source, into, Settings.from_env(), files, _watch)
    _tell_check(done.report)
    of = f", as of {done.manifest.made}" if done.manifest.made else ""
    click.echo(f"Restored into {into}{of}; serve it with KB_DATA={into}.")
    if done.report.faults:
        sys.exit(1)


@cli.command("add-user")
@click.argument("email")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["contributor", "moderator", "administrator"]),
    help="What they may do.",
)
@click.option("--name", default="", help="What they are called.")
@click.option("--token", is_flag=True, help="Print a token for programs instead of a link.")
def add_user(email: str, role: str, name: str, *, token: bool) -> None:
    """Invite someone: print the link with which they set their password, once, within 7 days.

    Example: indexer.py add-user anna@city.example --role contributor

    Who is here already gets a link to a new password, within the hour, and keeps their role.
    """
    with closing(_library()) as library:
        if token:
            click.echo(_token(library, email, role, name))
            return
        click.echo(f"{library.settings.public_url}/link/{_link(library, email, role, name)}")


@cli.command()
@click.option("--worker/--no-worker", default=True, help="Keep the index in step beside the web.")
def serve(*, worker: bool) -> None:
    """Serve the pages and the API, and keep the index in step. Ctrl-C stops both.

    Example: KB_PORT=8080 indexer.py serve
    """
    from web.serving import run

    run(worker_command=[sys.executable, __file__, "work"] if worker else None)


@cli.command()
@click.option("--dry-run", is_flag=True, help="Send nothing; print the letters.")
def digest(*, dry_run: bool) -> None:
    """Send the letters about followed searches that are due, as the worker does every hour.

    Example: indexer.py digest --dry-run

    Nobody gets one more often than they chose, however often this runs. Without KB_SMTP the exit
    code is 1.
    """
    with closing(_library()) as library:
        if not library.status().settled:
            click.echo("The index is behind; letters wait. Run sync, or let the worker run.")
        if not dry_run:
            click.echo(f"{_post(library)(bool)} letters sent.")
            return
        write = _writer(library)
        for each in library.digests.due():
            letter = write(each)
            heads = "".join(f"{name}: {value}\n" for name, value in letter.headers.items())
            click.echo(f"To: {each.person.email}\nSubject: {letter.subject}\n{heads}")
            click.echo(letter.text)


@cli.command()
@click.option("--every", default=2.0, show_default=True, help="Seconds between two looks.")
def work(*, every: float) -> None:
    """Keep tags and index in step until stopped.

    Example: indexer.py work --every 5
    """
    from kb import journal
    from kb.settings import Settings
    from kb.worker import keep_in_step

    journal.keep(Settings.from_env().log, "worker")
    with closing(_library()) as library:
        library.check_store()
        keep_in_step(library, every, post=_post(library) if library.settings.smtp else None)


def _post(library: Library) -> Post:
    """Return what sends the letters that are due.

    Raises:
        MailError: no mail server is named.
    """
    from kb.errors import MailError
    from kb.mail import mailer

    server = mailer(library.settings)
    if server is None:
        raise MailError("no mail server is named; set KB_SMTP and KB_MAIL_FROM")
    write = _writer(library)
    return lambda stop: library.digests.send(server, write, stop)


def _writer(library: Library) -> Write:
    """Return what says a digest; the site, which has the sentences, is made for the first one."""

    @cache
    def site() -> Flask:
        from web import create_app

        return create_app(library, library.settings)

    def write(digest: Digest) -> Letter:
        from web.letters import letter

        return letter(site(), digest)

    return write


def _deployed(library: Library, *, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    from kb import deployment

    rows = deployment.rows(library.settings, library.health())
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1))
    for row in () if as_json else rows:
        click.echo(f"{row.state:8}{row.name:12}{row.told}{f'; {row.remedy}' * bool(row.remedy)}")
    if any(row.state == "missing" for row in rows):
        sys.exit(1)


def _filters(given: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    from kb.search.fields import FACET_NAMES

    filters: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, _, value = text.partition("=")
        if name not in FACET_NAMES or not value:
            known = ", ".join(FACET_NAMES)
            raise click.BadParameter(f"{text!r}; write facet=value with one of: {known}")
        filters[name] = (*filters.get(name, ()), value)
    return filters


def _licence(text: str) -> str:
    from kb.licences import named

    if text and not named(text):
        raise click.BadParameter(f"{text!r}; write an SPDX id such as CC-BY-4.0")
    return named(text)


def _tell(result: Harvest, *, dry_run: bool) -> None:
    for case_id, each in result.alike:
        reasons = "; ".join(each.reasons)
        click.echo(f"{case_id}: perhaps the same as {each.case.id} ({reasons})")
    for record, reason in result.drafted:
        click.echo(f"{record}: draft; {reason}")
    for case_id in result.retired:
        click.echo(f"{case_id}: retired here, not brought back")
    for record, case_id in result.gone:
        click.echo(f"{case_id}: deleted there ({record}); archive it, or keep it")
    for record, reason in result.refused:
        click.echo(f"{record}: refused; {reason}", err=True)
    rows = (
        ("new", len(result.new)),
        ("changed", len(result.changed)),
        ("unchanged", len(result.unchanged)),
        ("drafted", len(result.drafted)),
        ("refused", len(result.refused)),
        ("retired here", len(result.retired)),
        ("deleted there", len(result.gone)),
        ("possible duplicates", len({case_id for case_id, _ in result.alike})),
    )
    if dry_run:
        click.echo("Nothing was written. It would be:")
    for name, count in rows:
        click.echo(f"{name:20}{count:>7}")


def _link(library: Library, email: str, role: Any, name: str) -> str:
    person = _known(library, email, role)
    if person is None or person.state != "active":
        return library.accounts.invite(email, role, name)
    return library.accounts.reset(email, by=_OPERATOR) or ""


def _token(library: Library, email: str, role: Any, name: str) -> str:
    from kb.permissions import scopes_of

    person = _known(library, email, role) or library.accounts.create(email, role, name)
    scopes = [scope for scope in scopes_of(person.role) if scope != "export"]
    return library.accounts.make_token(person, "made at the command line", scopes, _TOKEN_DAYS)


def _known(library: Library, email: str, role: str) -> Person | None:
    """Return who has this address; nobody's role changes in passing."""
    from kb.errors import AccountError

    person = library.accounts.by_email(email)
    if person is not None and person.role != role:
        raise AccountError(
            "role", f"{person.email} is a {person.role}; an administrator changes that at /people"
        )
    return person


def _library() -> Library:
    from kb.library import open_library
    from kb.settings import Settings

    return open_library(Settings.from_env())


def _watch(step: str, items: Iterable[T], total: int) -> Iterable[T]:
    """Draw a bar with rate and time left; draw nothing for nothing."""
    if total == 0:
        return items
    from tqdm import tqdm

    known = total if total > 0 else None
    return tqdm(items, desc=f"{step:14}", total=known, unit="", dynamic_ncols=True)


def _report(result: Ingested) -> None:
    for remark in result.remarks:
        click.echo(remark, err=True)
    for problem in result.refused:
        click.echo(str(problem), err=True)
    files = {problem.file for problem in result.refused}
    click.echo(
        f"{len(result.new)} new, {len(result.changed)} changed, "
        f"{len(result.unchanged)} unchanged, {len(files)} files refused."
    )
    if result.collections:
        click.echo(f"Collections new or changed: {', '.join(result.collections)}.")


if __name__ == "__main__":
    cli()
