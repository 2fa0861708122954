import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import TooComplexTextError
from kb.text import check_complexity, fold, normalise, paragraphs, plain, to_html, words
from tests.harmless import live

# From the cheat sheets of OWASP and PortSwigger and the suites of DOMPurify and cure53.
PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=`x`onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;<img src=1 onerror=x>'>",
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='ja&#x09;vascript:alert(1)'>x</a>",
    "<a href='&#106;avas&#99;ript&colon;alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href=# onclick=alert(1) style=position:fixed>x</a>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<p title='</p><script>alert(1)</script>'>x</p>",
    "<xmp><p title='</xmp><svg onload=alert(1)>'></xmp>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    '[x](https://example.org"onmouseover="alert(1))',
    '![x](x"onerror="alert(1))',
    "<javascript:alert(1)>",
    "[x]\n\n[x]: javascript:alert(1)",
    "`</code><script>alert(1)</script>`",
    '*[x]: "><script>alert(1)</script>\n\nx',
    "x[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
    "# <svg onload=alert(1)>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("around", ["{}", "Text {} text", "- {}", "> {}"])
def test_to_html_gives_no_live_markup(payload: str, around: str) -> None:
    assert live(to_html(around.format(payload))) == []


@given(
    st.lists(st.sampled_from([*PAYLOADS, "\n\n", "*", "`", "<", ">", '"', "'", "-->"]), max_size=6)
)
def test_to_html_gives_no_live_markup_of_pieces(pieces: list[str]) -> None:
    assert live(to_html("".join(pieces))) == []


def test_live_tells_what_is_dangerous() -> None:
    assert live('<p onclick="x">') == ["onclick"]
    assert live('<img src="x">') == ["img", "src"]
    assert live('<a href="javascript:x">') == ["javascript:x"]
    assert live("<script >") == ["script"]
    assert live("<p <script") == ["p ", "script"]


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# One\n\n## Two", "<h2>One</h2>\n<h2>Two</h2>"),
        ("*a* **b**", "<p><em>a</em> <strong>b</strong></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("[a](https://example.org)",
         '<p><a href="https://example.org" rel="nofollow ugc noopener">a</a></p>'),
        ("![a](https://example.org/a.png)", "<p></p>"),
        ("<h1 id='x' class='y'>a</h1>", "<h2>a</h2>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_to_html_renders(markdown: str, html: str) -> None:
    assert to_html(markdown) == html


def test_to_html_renders_tables_definitions_and_abbreviations() -> None:
    html = to_html("a | b\n--|--\nc | d\n\nterm\n: meaning\n\nEU\n\n*[EU]: European Union")

    assert "<td>c</td>" in html
    assert "<dd>meaning</dd>" in html
    assert '<abbr title="European Union">EU</abbr>' in html


HANGS = [
    ("[" * 8000, "opening brackets"),
    ("[a](<b" * 2000, "opening brackets"),
    ("![" * 3000, "opening brackets"),
    ("`" * 8000, "backticks"),
    ("` " * 300, "backticks"),
    ("*" * 8000, "asterisks or underscores"),
    ("_a" * 8000, "asterisks or underscores"),
    ("**a" * 1000, "asterisks or underscores"),
    ("<" * 8000, "angle brackets"),
    ("<a " * 3000, "angle brackets"),
    ("<!--" * 3000, "angle brackets"),
    ("# \n" * 3000, "number signs"),
    (">" * 5000, "20 levels"),
    ("> " * 21 + "a", "20 levels"),
    ("+ " * 5000, "20 levels"),
    ("- " * 30 + "a", "20 levels"),
    ("1. " * 5000, "20 levels"),
    (" " * 80 + "a", "20 levels"),
    ("\t" * 20 + "a", "20 levels"),
    ("a\n: b\n" * 1000, "definitions"),
    ("|" * 2001 + "\n" + "|-" * 2000 + "|", "table columns"),
    ("x" * 20_001, "20,000 characters"),
    ("x\n\n" * 2_000, "2,000 paragraphs"),
    ("x\n" * 5_001, "5,000 lines"),
    (("[" * 150 + "\n\n") * 20, "2,000 opening brackets"),
    (("x" * 9_999 + "\n\n") * 60, "512 kB"),
]  # fmt: skip


@pytest.mark.parametrize(("markdown", "reason"), HANGS)
def test_check_complexity_refuses_what_hangs(markdown: str, reason: str) -> None:
    with pytest.raises(TooComplexTextError, match=reason):
        check_complexity(markdown)


@pytest.mark.parametrize(
    "markdown",
    ["", "[a](b) " * 200, "`a` " * 100, "*a* " * 200, "x" * 20_000, "x\n\n" * 1_999,
     "|" * 51 + "\n" + "|-" * 50 + "|", "- " * 40, "* " * 30, "-" * 100, "> " * 20 + "a",
     "".join("  " * n + "- a\n" for n in range(20)), "€" * 19_000],
)  # fmt: skip
def test_check_complexity_accepts_what_authors_write(markdown: str) -> None:
    check_complexity(markdown)

    to_html(markdown)


def test_check_complexity_names_the_paragraph_and_its_beginning() -> None:
    with pytest.raises(TooComplexTextError, match=r"paragraph 2 .* \(it begins 'Second \[\["):
        check_complexity("First\n\nSecond " + "[" * 201)


def test_to_html_refuses_what_hangs() -> None:
    with pytest.raises(TooComplexTextError):
        to_html("[" * 8000)


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("# Heading", ""),
        ("## Heading\nText", "Text"),
        ("#hashtag", "#hashtag"),
        ("- a\n- b\n1. c\n2) d", "a b c d"),
        ("> quoted\n> text", "quoted text"),
        ("*a* **b** _c_ __d__ `e`", "a b c d e"),
        ("snake_case 5 * 3", "snake_case 5 * 3"),
        ('[a](https://example.org) ![b](c.png "title")', "a b"),
        ("a [note] (aside)", "a [note] (aside)"),
        ("| a | b |\n|---|:-:|\n| c | d |", "a b c d"),
        ("a <b>b</b> <br> c", "a b c"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("Teilnehmer\\*innen \\[a\\] \\_b\\_", "Teilnehmer*innen [a] _b_"),
        ("\\# no heading", "# no heading"),
        ("2021\\. Das Jahr", "2021. Das Jahr"),
        ("&lt;b&gt; AT&amp;T &#42; &copy; &nosuch; a&b", "<b> AT&T * © &nosuch; a&b"),
        ("a\\b", "a\\b"),
        ("---", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_plain_leaves_the_text(block: str, line: str) -> None:
    assert plain(block) == line


def test_paragraphs_part_at_blank_lines_and_leave_out_headings() -> None:
    markdown = "# Heading\n\nOne\nline\n \t\nTwo\n\n---\n\n## Heading\nThree"

    assert paragraphs(markdown) == ("One line", "Two", "Three")


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Łódź", "lodz"), ("København", "kobenhavn"), ("đak", "dak"), ("Straße", "strasse"),
        ("STRASSE", "strasse"), ("ẞ", "ss"), ("Ærø", "aero"), ("œuvre", "oeuvre"), ("ıI", "ii"),
        ("İstanbul", "istanbul"), ("Þórður", "thordur"), ("Ħal", "hal"), ("Οδυσσεύς", "οδυσσευσ"),
        ("Αθήνα", "αθηνα"), ("ёлка", "елка"), ("Йод", "иод"), ("Їжак", "іжак"), ("ґ", "ґ"),
        ("ﬁnance", "finance"), ("e\N{COMBINING ACUTE ACCENT}", "e"), ("Ｔｏｋｙｏ", "tokyo"),
        ("10²", "102"), ("", ""),
    ],
)  # fmt: skip
def test_fold_takes_away_case_accents_and_ligatures(word: str, folded: str) -> None:
    assert fold(word) == folded


@given(st.text())
def test_fold_of_a_folded_word_is_that_word(word: str) -> None:
    assert fold(fold(word)) == fold(word)


def test_words_are_parted_by_apostrophe_hyphen_and_underscore() -> None:
    text = "L'emploi des Co-Op's_2021: Łódź"

    found = list(words(text))

    assert [w.text for w in found] == ["L", "emploi", "des", "Co", "Op", "s", "2021", "Łódź"]
    assert all(text[w.start : w.end] == w.text for w in found)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("e\N{COMBINING ACUTE ACCENT}", "é"),
        ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"),
        ("a\tb\x00c\x07d\x7fe\x85f\ud800", "a\tbcdef"),
        ("\u200fא\u202e\u200d", "\u200fא\u202e\u200d"),
    ],
)
def test_normalise_composes_and_takes_out_control_characters(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(st.text())
def test_normalise_of_a_normal_text_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
