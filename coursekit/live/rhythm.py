"""Whether a chapter can be performed: not too much to type at once, and something to see often."""

from collections.abc import Sequence

MOST_LINES = 12  # of one cell, for somebody who types while talking
MOST_BLIND = 3  # live cells one after the other, at least one of which must show something


def problems(cells: Sequence[dict], minutes: float | None = None) -> list[str]:
    """Return what stands in the way of a good performance, one sentence each; none if all is well.

    Args:
        cells: of an executed chapter.
        minutes: that reading and running the chapter takes; the sections must add up to it.
    """
    found: list[str] = []
    blind: list[str] = []
    planned, without_plan = 0.0, []
    live_cells = 0
    for cell in cells:
        metadata = cell["metadata"]
        if cell["cell_type"] == "markdown":
            plan = metadata.get("coursekit", {}).get("minutes")
            planned += plan or 0
            if cell["source"].startswith("## ") and plan is None:
                without_plan.append(cell["id"])
            continue
        if cell["cell_type"] != "code":
            continue
        live = "live" in metadata.get("tags", [])
        live_cells += live
        lines = len(cell["source"].splitlines())
        if live and lines > MOST_LINES:
            found.append(f"{cell['id']} is {lines} lines to type, expected at most {MOST_LINES}")
        if cell["outputs"]:
            blind = []
        elif live:
            blind.append(cell["id"])
            if len(blind) == MOST_BLIND:
                found.append(
                    f"{', '.join(blind)} show nothing: expected a visible result in one of {MOST_BLIND} live cells"
                )
                blind = []
    if not live_cells:
        found.append("no code cell is tagged live, expected some for the lecturer to type")
    found += [f"the section {one} has no minutes" for one in without_plan]
    if minutes is not None and planned != minutes:
        found.append(f"the sections take {planned:g} minutes together, expected {minutes:g}")
    return found
