"""One law in a process of its own, under libFuzzer; its flags follow the name of the law."""

import sys

import atheris


def main() -> None:
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["kb", "web"]):
        from tests.fuzz.laws import LAWS
    atheris.Setup(sys.argv, LAWS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
