"""The picture is sound XML whatever the rows are called, and draws what can be drawn."""

import xml.etree.ElementTree as ET

from reviewbot.evaluation.picture import svg
from reviewbot.evaluation.scoring import Figure, Score, rate
from reviewbot.evaluation.summary import Row

SVG = "{http://www.w3.org/2000/svg}"


def row(name, precision, recall):
    return Row(name, Score(), precision, recall, Figure(None), 0)


def test_each_row_is_named_and_drawn_where_it_belongs():
    rows = [row("<b>one</b>", rate(1, 2), rate(3, 4)), row("two", Figure(None), rate(0, 4))]
    drawn = ET.fromstring(svg(rows))
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    assert {"<b>one</b>", "two", "precision", "recall"} <= set(texts)
    points = [(c.get("cx"), c.get("cy")) for c in drawn.iter(f"{SVG}circle")]
    assert len(points) == 3  # two in the legend, one in the plot
    assert ("360.0", "220.0") in points  # recall 3/4 of 400 from 60, precision half of 400 from 20
