"""The presenter's clock knows the plan."""

import pytest

from coursekit.errors import CourseError
from coursekit.live.script import Section
from coursekit.live.timer import Timer

PLAN = (Section("A start", 2, "a"), Section("The <middle>", 10, "b"), Section("The end", 8, "c"))


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def timer(clock):
    made = Timer(PLAN, clock=clock)
    yield made
    made.stop()


def test_it_begins_at_zero_in_the_first_section(timer):
    assert "<strong>0:00</strong> of 20:00" in timer.html()
    assert "A start, planned 0:00 to 2:00" in timer.html()
    assert "on time" in timer.html()


@pytest.mark.parametrize(
    ("minutes", "section", "verdict"),
    [
        (2.5, 0, "on time"),
        (4, 0, "2 min late"),
        (4, 1, "on time"),
        (15, 1, "3 min late"),
        (9, 2, "3 min early"),
    ],
)
def test_it_says_how_the_lecture_stands_to_the_plan(timer, clock, minutes, section, verdict):
    clock.now += 60 * minutes
    timer.at(section)
    assert f"<strong>{verdict}</strong>" in timer.view.value


def test_a_heading_is_text(timer):
    timer.at(1)
    assert "The &lt;middle&gt;" in timer.view.value


@pytest.mark.parametrize(("start", "shown"), [("10", "10:00"), ("10:30", "10:30"), ("", "0:00")])
def test_a_clock_that_is_started_late_knows_what_has_passed(clock, start, shown):
    made = Timer(PLAN, start, clock)
    made.stop()
    assert f"<strong>{shown}</strong>" in made.html()


@pytest.mark.parametrize("start", ["soon", "1:x", "-3"])
def test_a_start_that_is_no_time_is_refused(clock, start):
    with pytest.raises(CourseError, match=f"%timer {start}.*for example `%timer 10`"):
        Timer(PLAN, start, clock)
