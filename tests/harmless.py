"""What the HTML of a text may hold, said without the engines that clean it."""

import re

ALLOWED = {
    "a", "abbr", "blockquote", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "h2",
    "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)((?:\s+[^\s=>]+(?:=\"[^\"]*\")?)*)\s*/?>")
HARMLESS = re.compile(r"https?://|mailto:|#|[^:]*$")
ATTRIBUTE = re.compile(r"([^\s=]+)=\"([^\"]*)\"")


def live(html: str) -> list[str]:
    """Return what in the HTML could run, load, or look like the page around it."""
    found = TAG.sub("", html).split("<")[1:]
    for _, tag, attributes in TAG.findall(html):
        if tag not in ALLOWED:
            found.append(tag)
        for name, value in ATTRIBUTE.findall(attributes):
            if name not in {"href", "title", "rel", "colspan"}:
                found.append(name)
            if name == "href" and not HARMLESS.match(value):
                found.append(value)
    return found
