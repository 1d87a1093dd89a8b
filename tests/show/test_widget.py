"""An explorer follows its controls and says what is not possible."""

import ipywidgets

from coursekit.show.figure import Picture
from coursekit.show.widget import explorer


def draw(n: int) -> Picture:
    if n > 5:
        raise ValueError(f"{n} is more than 5 <b>")
    return Picture(bytes([n]), alt=f"alt {n}", caption=f"caption {n}")


def made():
    return explorer(draw, n=ipywidgets.IntSlider(1, max=9, description="n"))


def test_it_starts_with_a_picture():
    assert 'alt="alt 1"' in made().html


def test_moving_a_control_changes_the_picture():
    widget = made()
    widget.children[0].value = 2
    assert 'alt="alt 2"' in widget.html
    assert widget.message == ""


def test_what_is_not_possible_is_said_and_the_picture_stays():
    widget = made()
    widget.children[0].value = 9
    assert "9 is more than 5 &lt;b&gt;" in widget.message
    assert 'alt="alt 1"' in widget.html
    widget.children[0].value = 3
    assert widget.message == ""
    assert 'alt="alt 3"' in widget.html


def test_a_stored_notebook_shows_the_default_state():
    bundle = made()._repr_mimebundle_()
    assert bundle["text/plain"] == "[Interactive figure: alt 1]"
    assert 'alt="alt 1"' in bundle["text/html"]
    assert "run this cell" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_longest_name_has_room_and_all_controls_start_at_one_edge():
    long = ipywidgets.IntSlider(description="learning rate of the top")
    wide = ipywidgets.Text(description="n", layout=ipywidgets.Layout(width="36em"))
    explorer(lambda n, long: draw(1), n=wide, long=long)
    assert long.style.description_width == wide.style.description_width
    assert int(long.style.description_width.removesuffix("ch")) > len(long.description)
    assert wide.layout.width == "36em"
