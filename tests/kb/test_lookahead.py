from kb import stems
from kb.lookahead import look_up, words_by_language


def test_words_of_any_language_are_read_in_each():
    texts = [("de", "Stadt und Land"), ("fi", "kaupunki"), ("mul", "Housing First")]

    assert words_by_language(texts) == {
        "de": {"Stadt", "und", "Land", "Housing", "First"},
        "fi": {"kaupunki", "Housing", "First"},
    }


def test_look_up_leaves_nothing_to_ask_the_dictionaries(monkeypatch):
    wanted = {
        "da": {"boligforeningerne"},
        "is": {"borgarstjórnarinnar"},
        "lv": {"pilsētniekiem"},
        "sq": {"qytetarëve"},
    }
    forget(monkeypatch)
    monkeypatch.setattr("kb.lookahead._WORTHWHILE", 4)

    look_up(wanted)

    assert [code for code, found in wanted.items() if stems.unknown(found, code)] == []
    assert "bolig" in stems.parts("boligforeningerne", "da")
    assert stems.lemma("qytetarëve", "sq") == "qytetar"


def test_look_up_of_few_languages_starts_no_process(monkeypatch):
    forget(monkeypatch)
    shown = []

    look_up({"ga": {"cathrach"}}, lambda step, items, _total: shown.append(step) or items)

    assert shown == []
    assert stems.unknown({"cathrach"}, "ga") == {"cathrach"}


def forget(monkeypatch):
    """Other tests may have asked for the same words."""
    monkeypatch.setattr(stems, "_MEMORY", {})
