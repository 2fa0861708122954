"""The schema of the database as a history: forward only, each step in one transaction."""

import uuid

from sqlite_utils import Database, Migrations

from kb.errors import DatabaseTooNewError

HISTORY = Migrations("kb")


def migrate(db: Database) -> None:
    """Bring the database to the newest schema; do nothing if it is there.

    Raises:
        DatabaseTooNewError: a newer version of this program has written it.
    """
    if pending(db):
        HISTORY.apply(db)


def pending(db: Database) -> list[str]:
    """Return the steps that a database lacks, in order; writes nothing.

    Raises:
        DatabaseTooNewError: a newer version of this program has written it.
    """
    unknown = {step.name for step in HISTORY.applied(db)} - set(steps())
    if unknown:
        raise DatabaseTooNewError(
            f"the database knows the step {min(unknown)!r}, which this version does not; "
            "start the version that wrote it, or a newer one"
        )
    return [step.name for step in HISTORY.pending(db)]


def steps() -> list[str]:
    """Return the names of all steps, in order; the last names the newest schema."""
    with Database(memory=True) as empty:
        return [step.name for step in HISTORY.pending(empty)]


@HISTORY()
def m001_cases_and_revisions(db: Database) -> None:
    """Cases, their revisions, and the change log that triggers fill."""
    db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    db.execute(
        """
        CREATE TABLE cases (
            id TEXT PRIMARY KEY,
            revision INTEGER NOT NULL,
            title TEXT NOT NULL,
            city TEXT NOT NULL,
            country TEXT NOT NULL,
            language TEXT NOT NULL
        ) STRICT
        """
    )
    db.execute(
        """
        CREATE TABLE revisions (
            case_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            digest TEXT NOT NULL,
            content TEXT NOT NULL,
            file TEXT NOT NULL,
            original TEXT NOT NULL,
            contributor TEXT NOT NULL,
            accepted TEXT NOT NULL,
            PRIMARY KEY (case_id, number)
        ) STRICT
        """
    )
    for event, done in (("UPDATE", "edited"), ("DELETE", "deleted")):
        db.execute(
            f"CREATE TRIGGER revisions_are_never_{done} BEFORE {event} ON revisions "
            f"BEGIN SELECT RAISE(ABORT, 'a revision is never {done}'); END"
        )
    db.execute(
        "CREATE TRIGGER revisions_are_never_replaced BEFORE INSERT ON revisions "
        "WHEN EXISTS (SELECT 1 FROM revisions WHERE case_id = new.case_id AND number = new.number) "
        "BEGIN SELECT RAISE(ABORT, 'a revision is never replaced'); END"
    )
    db.execute(
        "CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, case_id TEXT NOT NULL) STRICT"
    )
    for event, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
        statement = f"INSERT INTO changes (case_id) VALUES ({row}.id)"  # noqa: S608 - new or old
        db.execute(
            f"CREATE TRIGGER case_{event.lower()}_is_a_change AFTER {event} ON cases "
            f"BEGIN {statement}; END"
        )
    db.table("meta").insert({"name": "database", "value": str(uuid.uuid4())})


@HISTORY()
def m002_what_is_derived(db: Database) -> None:
    """Tags and rendered pages: made from revisions, may be deleted at any moment."""
    db.execute(
        """
        CREATE TABLE analyses (
            case_id TEXT PRIMARY KEY,
            revision INTEGER NOT NULL,
            maker TEXT NOT NULL,
            html TEXT NOT NULL,
            tags TEXT NOT NULL
        ) STRICT
        """
    )


@HISTORY()
def m003_bodies_in_several_languages(db: Database) -> None:
    """A rendered body for each language in which there is one; all are made anew."""
    db.execute("DROP TABLE analyses")
    db.execute(
        """
        CREATE TABLE analyses (
            case_id TEXT PRIMARY KEY,
            revision INTEGER NOT NULL,
            maker TEXT NOT NULL,
            bodies TEXT NOT NULL,
            tags TEXT NOT NULL
        ) STRICT
        """
    )


@HISTORY()
def m004_collections(db: Database) -> None:
    """Revisions of collections; the newest of each is the current one."""
    db.execute(
        """
        CREATE TABLE collections (
            id TEXT NOT NULL,
            number INTEGER NOT NULL,
            digest TEXT NOT NULL,
            content TEXT NOT NULL,
            file TEXT NOT NULL,
            original TEXT NOT NULL,
            contributor TEXT NOT NULL,
            accepted TEXT NOT NULL,
            PRIMARY KEY (id, number)
        ) STRICT
        """
    )
    for event, done in (("UPDATE", "edited"), ("DELETE", "deleted")):
        db.execute(
            f"CREATE TRIGGER collections_are_never_{done} BEFORE {event} ON collections "
            f"BEGIN SELECT RAISE(ABORT, 'a revision is never {done}'); END"
        )
    db.execute(
        "CREATE TRIGGER collections_are_never_replaced BEFORE INSERT ON collections "
        "WHEN EXISTS (SELECT 1 FROM collections WHERE id = new.id AND number = new.number) "
        "BEGIN SELECT RAISE(ABORT, 'a revision is never replaced'); END"
    )


@HISTORY()
def m005_people(db: Database) -> None:
    """Who contributes: kept apart from the cases, which name them by id. Times are Unix seconds."""
    for statement in (
        """
        CREATE TABLE people (
            id TEXT PRIMARY KEY,
            email TEXT NOT NULL UNIQUE COLLATE NOCASE,
            name TEXT NOT NULL,
            role TEXT NOT NULL,
            credit TEXT NOT NULL,
            password TEXT NOT NULL,
            created INTEGER NOT NULL,
            joined INTEGER,
            closed INTEGER
        ) STRICT
        """,
        """
        CREATE TABLE sessions (
            digest TEXT PRIMARY KEY,
            person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            created INTEGER NOT NULL,
            seen INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE links (
            digest TEXT PRIMARY KEY,
            person TEXT REFERENCES people (id) ON DELETE CASCADE,
            purpose TEXT NOT NULL,
            expires INTEGER NOT NULL,
            used INTEGER
        ) STRICT
        """,
        """
        CREATE TABLE tokens (
            id TEXT PRIMARY KEY,
            digest TEXT NOT NULL UNIQUE,
            person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            label TEXT NOT NULL,
            scopes TEXT NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            seen INTEGER,
            revoked INTEGER
        ) STRICT
        """,
        "CREATE TABLE attempts (key TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
        "CREATE INDEX attempts_by_key ON attempts (key, at)",
        """
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            person TEXT NOT NULL,
            action TEXT NOT NULL,
            object TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT
        """,
    ):
        db.execute(statement)


@HISTORY()
def m006_contributions(db: Database) -> None:
    """What people send in and work on before it is a case, and what becomes of cases."""
    for statement in (
        """
        CREATE TABLE uploads (
            id TEXT PRIMARY KEY,
            person TEXT NOT NULL,
            file TEXT NOT NULL,
            original TEXT NOT NULL,
            size INTEGER NOT NULL,
            key TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            leased INTEGER NOT NULL,
            received INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            UNIQUE (person, key)
        ) STRICT
        """,
        "CREATE INDEX uploads_by_state ON uploads (state, received)",
        """
        CREATE TABLE drafts (
            id TEXT PRIMARY KEY,
            person TEXT NOT NULL,
            upload TEXT NOT NULL,
            case_id TEXT NOT NULL,
            base INTEGER NOT NULL,
            state TEXT NOT NULL,
            version INTEGER NOT NULL,
            content TEXT NOT NULL,
            receipts TEXT NOT NULL,
            document TEXT NOT NULL,
            assignee TEXT NOT NULL,
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            submitted INTEGER
        ) STRICT
        """,
        "CREATE INDEX drafts_by_person ON drafts (person, changed)",
        "CREATE INDEX drafts_by_state ON drafts (state, submitted)",
        """
        CREATE TABLE comments (
            id INTEGER PRIMARY KEY,
            draft TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
            field TEXT NOT NULL,
            person TEXT NOT NULL,
            text TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE retirements (
            case_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            reason TEXT NOT NULL,
            person TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE verdicts (
            case_id TEXT NOT NULL,
            concept TEXT NOT NULL,
            verdict TEXT NOT NULL,
            person TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (case_id, concept)
        ) STRICT
        """,
        """
        CREATE TABLE answers (
            case_id TEXT NOT NULL,
            answer TEXT NOT NULL,
            note TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT
        """,
        "DROP TRIGGER revisions_are_never_deleted",
        # But for a case that must be taken down, of which no bytes may stay.
        """
        CREATE TRIGGER revisions_are_never_deleted BEFORE DELETE ON revisions
        WHEN NOT EXISTS (
            SELECT 1 FROM retirements WHERE case_id = old.case_id AND kind = 'taken-down'
        )
        BEGIN SELECT RAISE(ABORT, 'a revision is never deleted'); END
        """,
    ):
        db.execute(statement)


@HISTORY()
def m007_datestamps(db: Database) -> None:
    """When the record of each case last changed, for those who harvest; a retired case keeps it.

    ``seq`` orders what changed within one second. Neither goes back when the clock does. Both are
    given while the transaction that changes the case holds the only lock for writing.
    """
    for statement in (
        """
        CREATE TABLE datestamps (
            case_id TEXT PRIMARY KEY,
            seq INTEGER NOT NULL UNIQUE,
            at INTEGER NOT NULL
        ) STRICT
        """,
        """
        INSERT INTO datestamps (case_id, seq, at)
        SELECT case_id, row_number() OVER (ORDER BY at, case_id), at FROM (
            SELECT c.id AS case_id, CAST(strftime('%s', r.accepted) AS INTEGER) AS at
            FROM cases c JOIN revisions r ON r.case_id = c.id AND r.number = c.revision
            UNION ALL SELECT case_id, at FROM retirements
        )
        """,
        """
        CREATE TRIGGER datestamps_are_never_deleted BEFORE DELETE ON datestamps
        BEGIN SELECT RAISE(ABORT, 'a datestamp is never deleted'); END
        """,
    ):
        db.execute(statement)
    for event, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
        statement = f"""
            INSERT INTO datestamps (case_id, seq, at)
            SELECT {row}.id, coalesce(max(seq), 0) + 1,
                max(CAST(strftime('%s', 'now') AS INTEGER), coalesce(max(at), 0))
            FROM datestamps WHERE true
            ON CONFLICT (case_id) DO UPDATE SET seq = excluded.seq, at = excluded.at
        """  # noqa: S608 - new or old
        db.execute(
            f"CREATE TRIGGER case_{event.lower()}_has_a_datestamp AFTER {event} ON cases "
            f"BEGIN {statement}; END"
        )


@HISTORY()
def m008_snapshots(db: Database) -> None:
    """Results that were frozen, and their cases; ``gone`` is when one of them was taken down.

    ``listed`` is whether lists name it: anybody can freeze, under words of their own. ``held`` is
    how many cases the present package has: more than are left means that it has to be replaced.
    That is said with the take-down itself, so that no kill comes in between.
    """
    for statement in (
        """
        CREATE TABLE snapshots (
            id TEXT PRIMARY KEY,
            question TEXT NOT NULL,
            words TEXT NOT NULL,
            address TEXT NOT NULL,
            site TEXT NOT NULL,
            language TEXT NOT NULL,
            taken INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            cases INTEGER NOT NULL,
            held INTEGER NOT NULL,
            licences TEXT NOT NULL,
            former TEXT NOT NULL,
            listed INTEGER NOT NULL DEFAULT 1
        ) STRICT
        """,
        "CREATE INDEX snapshots_by_time ON snapshots (taken, id)",
        """
        CREATE TABLE snapshot_cases (
            snapshot TEXT NOT NULL REFERENCES snapshots (id),
            number INTEGER NOT NULL,
            case_id TEXT NOT NULL,
            revision INTEGER NOT NULL,
            digest TEXT NOT NULL,
            gone INTEGER,
            PRIMARY KEY (snapshot, number)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX snapshot_cases_by_case ON snapshot_cases (case_id)",
        "CREATE INDEX snapshot_cases_gone ON snapshot_cases (snapshot) WHERE gone IS NOT NULL",
    ):
        db.execute(statement)
    for event in ("INSERT", "UPDATE"):
        statement = """
            UPDATE snapshot_cases SET gone = new.at, digest = ''
            WHERE case_id = new.case_id AND gone IS NULL
        """
        db.execute(
            f"CREATE TRIGGER take_down_{event.lower()}_reaches_snapshots "
            f"AFTER {event} ON retirements WHEN new.kind = 'taken-down' BEGIN {statement}; END"
        )


@HISTORY()
def m009_what_was_harvested(db: Database) -> None:
    """Which record of which other site became what, and from when to ask next time."""
    db.execute(
        """
        CREATE TABLE harvested (
            source TEXT NOT NULL,
            identifier TEXT NOT NULL,
            datestamp TEXT NOT NULL,
            digest TEXT NOT NULL,
            fate TEXT NOT NULL,
            object TEXT NOT NULL,
            revision INTEGER NOT NULL,
            gone INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (source, identifier)
        ) STRICT
        """
    )
    db.execute(
        """
        CREATE TABLE harvests (
            source TEXT NOT NULL,
            format TEXT NOT NULL,
            part TEXT NOT NULL,
            since TEXT NOT NULL,
            PRIMARY KEY (source, format, part)
        ) STRICT
        """
    )


@HISTORY()
def m010_when_analyses_were_made(db: Database) -> None:
    """When what is derived of a case last changed; of what there is, nobody knows: now."""
    db.execute("ALTER TABLE analyses ADD COLUMN at INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE analyses SET at = CAST(strftime('%s', 'now') AS INTEGER)")


@HISTORY()
def m011_reasons_that_can_be_translated(db: Database) -> None:
    """Why a file was refused: templates and values beside the English text, as JSON."""
    db.execute("ALTER TABLE uploads ADD COLUMN said TEXT NOT NULL DEFAULT ''")


@HISTORY()
def m012_followed_searches(db: Database) -> None:
    """Searches that people follow, and the letters about them that have not safely arrived.

    ``looked`` and ``told`` are numbers of changes (``datestamps.seq``): up to there a person has
    looked, and has been told by letter. ``before`` is what a letter moved, to be put back should
    the mail server refuse it.
    """
    for statement in (
        """
        CREATE TABLE followed (
            id TEXT PRIMARY KEY,
            person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            question TEXT NOT NULL,
            language TEXT NOT NULL,
            often TEXT NOT NULL,
            looked INTEGER NOT NULL,
            told INTEGER NOT NULL,
            lettered INTEGER NOT NULL,
            created INTEGER NOT NULL,
            UNIQUE (person, question)
        ) STRICT
        """,
        """
        CREATE TABLE digests (
            person TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
            state TEXT NOT NULL,
            at INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            before TEXT NOT NULL
        ) STRICT
        """,
    ):
        db.execute(statement)


@HISTORY()
def m013_adoptions(db: Database) -> None:
    """Who takes a case over, and how it goes: records, and what was decided about each.

    A record is never edited; only who recorded it, and whom to ask, can be blanked when they leave.
    """
    for statement in (
        """
        CREATE TABLE adoptions (
            id TEXT PRIMARY KEY,
            adoption TEXT NOT NULL,
            case_id TEXT NOT NULL,
            person TEXT NOT NULL,
            city TEXT NOT NULL,
            country TEXT NOT NULL,
            year INTEGER NOT NULL,
            state TEXT NOT NULL,
            organisation TEXT NOT NULL,
            contact TEXT NOT NULL,
            worked TEXT NOT NULL,
            result TEXT NOT NULL,
            language TEXT NOT NULL,
            source TEXT NOT NULL,
            became TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX adoptions_by_case ON adoptions (case_id)",
        "CREATE INDEX adoptions_by_adoption ON adoptions (adoption)",
        "CREATE INDEX adoptions_by_person ON adoptions (person)",
        """
        CREATE TABLE adoption_decisions (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            record TEXT NOT NULL REFERENCES adoptions (id) ON DELETE CASCADE,
            decision TEXT NOT NULL,
            reason TEXT NOT NULL,
            person TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX adoption_decisions_by_record ON adoption_decisions (record)",
        """
        CREATE TRIGGER adoptions_are_never_edited BEFORE UPDATE OF id, adoption, case_id, city,
            country, year, state, worked, result, language, source, became, at ON adoptions
        BEGIN SELECT RAISE(ABORT, 'a record of an adoption is never edited'); END
        """,
        """
        CREATE TRIGGER adoptions_are_only_blanked BEFORE UPDATE ON adoptions
        WHEN new.person NOT IN ('', old.person) OR new.organisation NOT IN ('', old.organisation)
            OR new.contact NOT IN ('', old.contact)
        BEGIN SELECT RAISE(ABORT, 'a record of an adoption is never edited'); END
        """,
    ):
        db.execute(statement)


@HISTORY()
def m014_what_was_asked(db: Database) -> None:
    """How often was asked on which day, and what was asked in vain, as digests at first.

    In ``missed`` a question has one row a day; its words stand in all of them but the first.
    """
    for statement in (
        """
        CREATE TABLE asked (
            day TEXT NOT NULL,
            language TEXT NOT NULL,
            searches INTEGER NOT NULL,
            empty INTEGER NOT NULL,
            slow INTEGER NOT NULL,
            PRIMARY KEY (day, language)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE missed (
            mark TEXT NOT NULL,
            day TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (mark, day)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX missed_by_day ON missed (day)",
    ):
        db.execute(statement)


@HISTORY()
def m015_cards(db: Database) -> None:
    """What lists of results show of a case, laid out when it is tagged."""
    db.execute("ALTER TABLE analyses ADD COLUMN card BLOB NOT NULL DEFAULT x''")
