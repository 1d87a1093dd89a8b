"""A chapter that has run once need not run again in front of the room."""

import os

import pytest
from room import room, text_of

from coursekit.chapters import chapter
from coursekit.live import prepare
from coursekit.live.randomness import Randomness
from coursekit.live.script import read_script
from coursekit.live.snapshots import Snapshot, load_randomness, newest, save

FIRST = chapter(1)


def test_after_a_preparation_catchup_reads_and_every_cell_draws_what_it_draws_in_the_chapter(work):
    script = read_script(FIRST)
    assert not prepare.is_prepared(1)
    prepare.prepare(1)
    assert prepare.is_prepared(1)
    known = Randomness()
    load_randomness(script, known)
    assert list(known.states) == [part.id for part in script.parts]

    found = newest(script, len(script.parts)) or Snapshot(2, {}, (None, None))
    save(script, Snapshot(found.number, {**found.names, "from_the_snapshot": 17}, found.state))
    with room(work, "live/01_convolution_1d.ipynb") as lab:
        lab.run("lecture", "%load_ext coursekit.live")
        lab.run(script.parts[found.number].id, "%catchup")
        assert text_of(lab.run("look", "from_the_snapshot")) == "17"

    noise = script.part("noise-before-and-after")
    with room(work, "live/01_convolution_1d.ipynb") as lab:  # nobody catches up
        lab.run("lecture", "%load_ext coursekit.live")
        for part in script.parts[: noise.number]:
            expected = text_of(lab.run(part.id, part.source))
        lab.run("alone", "rng.normal(size=9)")
        assert text_of(lab.run(noise.id)) == expected


def test_a_chapter_that_fails_is_not_prepared(work, monkeypatch):
    others = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(work), *filter(None, [others])]))
    (work / "sitecustomize.py").write_text("import numpy\nnumpy.array = None\n")
    with pytest.raises(RuntimeError, match="the reference of cell"):
        prepare.prepare(1)
    assert not prepare.is_prepared(1)
