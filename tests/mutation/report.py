"""Say how many mutants of coursekit.reference the tests killed, and why the others may live.

Run by ``make mutation`` after mutmut. Every mutant that survives must be explained in explained.toml:
as one of a kind of change that no call can see, or by its own lines. The command fails where fewer
than 95 % are killed or one is not explained.
"""

import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

LEAST = 0.95
CAUGHT = {
    "killed",
    "timeout",
    "segfault",
    "caught by type check",
}  # a mutant that never ends is seen


def main() -> int:
    """Print the score and the survivors; return 1 where something is to be done."""
    # only where make mutation installed it: a test reads this module without it
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.stats import status_by_exit_code
    from mutmut.utils.file_utils import walk_mutatable_files

    groups = tomllib.loads(Path(__file__).with_name("explained.toml").read_text(encoding="utf-8"))
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    unexplained = []
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            status = status_by_exit_code[code]
            counts["caught" if status in CAUGHT else status] += 1
            if status == "survived":
                change = changed(get_diff_for_mutant(name, path=path))
                why = explanation(groups["kind"], change)
                if why:
                    reasons[why] += 1
                else:
                    unexplained.append((name, change))
    total = sum(counts.values())
    score = counts["caught"] / total
    print(f"{total} mutants: {', '.join(f'{n} {status}' for status, n in counts.most_common())}")
    print(f"{score:.1%} are caught by the tests; the aim is {LEAST:.0%}.")
    for why, n in reasons.most_common():
        print(f"  {n:4} {why}")
    for name, change in unexplained:
        print(f"\nnot explained: {name}\n{change}")
    return int(score < LEAST or bool(unexplained) or set(counts) != {"caught", "survived"})


def changed(diff: str) -> str:
    """Return the lines of a diff that were taken away and put in, without indentation."""
    lines = re.findall(r"^[-+](?![-+]).*$", diff, flags=re.MULTILINE)
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def explanation(kinds: list[dict], change: str) -> str | None:
    """Return why a change may survive, or None."""
    for kind in kinds:
        if any(re.search(pattern, change) for pattern in kind["changes"]):
            return str(kind["why"])
    return None


if __name__ == "__main__":
    sys.exit(main())
