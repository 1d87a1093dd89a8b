"""README.md tells the truth about the chapters, and its pictures are the notebooks' own."""

import shutil

from coursekit import front_page
from coursekit.chapters import CHAPTERS
from coursekit.paths import course_root


def test_the_table_and_its_pictures_are_what_the_command_writes(capsys):
    assert front_page.main(["--check"]) == 0, "python -m coursekit.front_page writes them"
    assert capsys.readouterr().out == ""


def test_every_chapter_has_a_row_with_a_picture_that_says_what_it_shows():
    text = (course_root() / "README.md").read_text(encoding="utf-8")
    for one in CHAPTERS:
        rows = [line for line in text.splitlines() if f"[{one.title}]({one.notebook})" in line]
        assert len(rows) == 1
        assert f'<img src="docs/chapters/{one.number:02d}.png"' in rows[0]
        assert len(rows[0].partition('alt="')[2].partition('"')[0]) > 40


def test_a_changed_figure_is_noticed_and_written(tmp_path, monkeypatch, capsys):
    for folder in ("notebooks", "docs/chapters"):
        shutil.copytree(course_root() / folder, tmp_path / folder)
    shutil.copy(course_root() / "README.md", tmp_path)
    monkeypatch.setattr(front_page, "course_root", lambda: tmp_path)
    picture = tmp_path / "docs/chapters/01.png"
    right = picture.read_bytes()
    picture.write_bytes(b"another")
    assert front_page.main(["--check"]) == 1
    assert picture.read_bytes() == b"another"
    assert front_page.main([]) == 0
    assert picture.read_bytes() == right
    assert (
        capsys.readouterr().out
        == "docs/chapters/01.png is not up to date\ndocs/chapters/01.png written\n"
    )


def test_an_option_that_is_none_is_answered_in_words(capsys):
    assert front_page.main(["--chek"]) == 2
    assert "unknown: --chek; expected nothing or --check" in capsys.readouterr().err
