from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from simulator.evaluation.labels import Box, Placed, dodge

PAGE = Box(70, 80, 700, 360)
RADIUS = 6.0
POINTS = st.tuples(st.floats(70, 770), st.floats(80, 440))
CLUSTERED = st.tuples(st.integers(300, 310).map(float), st.integers(200, 205).map(float))
LABELS = st.lists(st.tuples(POINTS | CLUSTERED, st.integers(3, 38)), min_size=1, max_size=30)


def placed(labels: list[tuple[tuple[float, float], int]]) -> list[Placed]:
    sizes = [(7.3 * letters, 17.0) for _, letters in labels]
    return dodge([point for point, _ in labels], sizes, PAGE, RADIUS)


@given(LABELS)
def test_labels_never_overlap(labels: list[tuple[tuple[float, float], int]]) -> None:
    boxes = [each.box for each in placed(labels)]

    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


@given(LABELS)
def test_labels_cover_no_marker(labels: list[tuple[tuple[float, float], int]]) -> None:
    boxes = [each.box for each in placed(labels) if PAGE.holds(each.box)]

    markers = [Box(x - RADIUS, y - RADIUS, 12, 12) for (x, y), _ in labels]
    assert not any(box.overlaps(marker) for box in boxes for marker in markers)


@given(LABELS)
def test_labels_off_the_page_stand_in_the_column_beside_it(
    labels: list[tuple[tuple[float, float], int]],
) -> None:
    outside = [each for each in placed(labels) if not PAGE.holds(each.box)]

    assert all(each.is_apart and each.box.x == PAGE.x + PAGE.width for each in outside)


def test_a_label_alone_stands_right_of_its_point() -> None:
    (found,) = placed([((200.0, 200.0), 5)])

    assert found == Placed(Box(210.0, 191.5, 36.5, 17.0), is_apart=False)


def test_labels_avoid_obstacles() -> None:
    bar = Box(150, 199, 100, 2)

    (found,) = dodge([(200.0, 200.0)], [(36.0, 17.0)], PAGE, RADIUS, [bar])

    assert not found.box.overlaps(bar)
