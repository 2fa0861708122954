from concurrent.futures import ThreadPoolExecutor

from kb.database import Connections
from kb.keys import Keys


def test_all_who_make_the_key_at_the_same_time_have_the_same(tmp_path):
    opened = [Connections(tmp_path / "a.sqlite") for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda each: Keys(each)._site, opened))

    assert len(made) == 1
    assert Keys(opened[0])._site in made
    for each in opened:
        each.close()


def test_each_purpose_has_a_key_of_its_own(tmp_path):
    connections = Connections(tmp_path / "a.sqlite")
    keys = Keys(connections)

    assert len({keys._site, keys.of("one"), keys.of("two")}) == 3
    assert Keys(connections).of("one") == keys.of("one")
    connections.close()


def test_only_whoever_runs_the_site_can_read_where_it_lies(tmp_path):
    connections = Connections(tmp_path / "data" / "a.sqlite")
    connections.close()

    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
