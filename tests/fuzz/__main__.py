"""Run the laws under Atheris, one after the other (``make fuzz SECONDS=60``).

What breaks a law is left in ``.fuzz/NAME/`` with the command that tries it again; the inputs that
reached something new stay in ``.fuzz/NAME/inputs`` for the next time.
"""

import argparse
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(path.name for path in (HERE / "seeds").iterdir())
KEPT = HERE.parent.parent / ".fuzz"
"""Usually."""
MEMORY_MB = 1_024
SLOW_S = 10
"""An input that takes longer has broken a law too."""
LONGEST = 4_096
_DONE = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+).*?corp: (\d+)")
_LEFT = re.compile(r"Test unit written to (\S+)")
_BEGUN = re.compile(r"#\d+\s+INITED\s+cov: (\d+)")


def main() -> int:
    """Return 1 if a law was broken, 0 if none was, or nothing can be fuzzed here."""
    asked = _asked()
    if asked.again:
        from tests.fuzz.laws import LAWS

        LAWS[asked.laws[0]](asked.again.read_bytes())
        return 0
    if find_spec("atheris") is None:
        print("nothing fuzzed: atheris is missing; it has wheels for Linux on x86-64 only")
        return 0
    print(
        f"{'law':<14}{'seconds':>8}{'tried':>12}{'reached at first':>18}{'at last':>9}{'kept':>7}"
    )
    each_s = max(1, round(asked.seconds / len(asked.laws)))
    return max([_fuzzed(name, each_s, asked.kept.resolve() / name) for name in asked.laws])


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for all of them together")
    parser.add_argument("--again", type=Path, metavar="FILE", help="try this input only")
    parser.add_argument("--kept", type=Path, default=KEPT, metavar="FOLDER")
    parser.add_argument("laws", nargs="*", default=NAMES, metavar="law", help=str(NAMES))
    return parser.parse_args()


def _fuzzed(name: str, whole_s: int, folder: Path) -> int:
    inputs = folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "tests.fuzz.target", name, f"-max_total_time={whole_s}",
         f"-rss_limit_mb={MEMORY_MB}", f"-timeout={SLOW_S}", f"-max_len={LONGEST}",
         f"-dict={HERE / 'words' / name}.txt", f"-artifact_prefix={folder}/",
         "-use_value_profile=1", inputs, HERE / "seeds" / name],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    begun, ended = _BEGUN.search(done.stderr), _DONE.search(done.stderr)
    if done.returncode == 0 and begun and ended:
        tried, reached, kept = ended.groups()
        print(f"{name:<14}{whole_s:>8}{tried:>12}{begun[1]:>18}{reached:>9}{kept:>7}", flush=True)
        return 0
    left = _LEFT.search(done.stderr)
    print(f"{name}: a law is broken\n{done.stdout[-3000:] or done.stderr[-3000:]}")
    print(f"try it again: {sys.executable} -m tests.fuzz {name} --again {left and left[1]}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
