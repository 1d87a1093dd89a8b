"""A picture carries its alt text and caption to every reader."""

import pytest

from coursekit.show.figure import canvas, picture


def drawn(alt="A line that rises.", caption="Look at the slope."):
    figure, ax = canvas(2, 1)
    ax.plot([0, 1])
    return picture(figure, alt, caption)


def test_the_html_has_picture_alt_and_caption():
    html = drawn()._repr_html_()
    assert '<img alt="A line that rises." src="data:image/png;base64,' in html
    assert "<figcaption>Look at the slope.</figcaption>" in html


def test_the_plain_form_is_the_alt_text():
    assert repr(drawn()) == "[Figure: A line that rises.]"


def test_quotes_and_angle_brackets_survive():
    html = drawn(alt='x < "y"')._repr_html_()
    assert 'alt="x &lt; &quot;y&quot;"' in html


def test_the_same_figure_gives_the_same_bytes():
    assert drawn().png == drawn().png
    assert drawn().png.startswith(b"\x89PNG")


@pytest.mark.parametrize("missing", ["alt", "caption"])
def test_a_figure_without_words_is_refused(missing):
    with pytest.raises(ValueError, match="needs alt text and a caption"):
        drawn(**{missing: " "})


def test_a_legend_has_no_frame():
    figure, ax = canvas(3, 2)
    ax.plot([0, 1], label="a line")
    legend = ax.legend()
    picture(figure, "A line.", "It rises.")
    assert not legend.get_frame_on()
