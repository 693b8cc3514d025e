"""Which names a change defines, in the languages people write, and where they stand."""

import pytest
from scripted import file, head

from reviewbot import symbols
from reviewbot.diff import Change, FileDiff, Hunk, Line, Status


@pytest.mark.parametrize(
    ("line", "name"),
    [
        pytest.param("def total(items):", "total", id="Python"),
        pytest.param("    async def fetch_all(self):", "fetch_all", id="a coroutine"),
        pytest.param("class Basket(Base):", "Basket", id="a class"),
        pytest.param("func (s *Store) Reserve(n int) error {", "Reserve", id="a Go method"),
        pytest.param("export async function loadCart(id) {", "loadCart", id="JavaScript"),
        pytest.param("const render2 = (props) => {", "render2", id="an arrow"),
        pytest.param("  handleClick: function (event) {", "handleClick", id="a property"),
        pytest.param(
            "  async fetchPage(url: string): Promise<Page> {", "fetchPage", id="a TypeScript method"
        ),
        pytest.param(
            "    public static List<Order> findAll(String user) throws IOException {", "findAll", id="Java"
        ),
        pytest.param("pub fn parse_line(text: &str) -> Line {", "parse_line", id="Rust"),
        pytest.param("type Options struct {", "Options", id="a type"),
        pytest.param("    if (valid(order)) {", None, id="a condition"),
        pytest.param("    } else if (valid(order)) {", None, id="another one"),
        pytest.param("    while (pending()) {", None, id="a loop"),
        pytest.param("    reserve(order);", None, id="a call"),
        pytest.param("    return compute(order)", None, id="a call in a return"),
        pytest.param("def __init__(self):", None, id="what every class has"),
        pytest.param("def run(self):", None, id="what many modules have"),
        pytest.param("x = 1", None, id="an assignment"),
    ],
)
def test_what_a_line_defines(line, name):
    assert symbols.definition(line) == name


SOURCE = "class Basket:\n    def total(self):\n        a = 1\n        return a\n\n    def other(self):\n        return 2\n"


def changed(number, *, complete=True, removed=False):
    line = Line(number, None, "gone") if removed else Line(None, number, "x")
    around = Line(number, number, "kept")
    hunk = Hunk(number, 1, number, 1, "", (line, around) if removed else (line,))
    made = FileDiff("a.py", Status.MODIFIED, hunks=(hunk,))
    known = head(SOURCE) if complete else type(head())({}, complete=False)
    return tuple(symbols.Names([made], {"a.py": known}))


@pytest.mark.parametrize(
    ("given", "names"),
    [
        pytest.param({"number": 4}, ("total",), id="the innermost definition around it"),
        pytest.param({"number": 2}, ("total",), id="the line that defines it"),
        pytest.param({"number": 4, "removed": True}, ("total",), id="around what was removed"),
        pytest.param({"number": 5}, (), id="a blank line between them belongs to none"),
        pytest.param({"number": 4, "complete": False}, (), id="what is not known has no names"),
    ],
)
def test_the_names_a_change_defines(given, names):
    assert changed(**given) == names


def test_the_most_changed_names_come_first_and_are_not_endless():
    text = (
        "".join(f"def name_{n:03}():\n    return {n}\n" for n in range(100))
        + "def name_500():\n    1\n    2\n    3\n"
    )
    made = file("a.py", text)
    names = tuple(symbols.Names([made], {"a.py": head(text)}))
    assert (names[0], len(names)) == ("name_500", symbols.NAMES)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        pytest.param(["total"], [1, 3], id="whole words"),
        pytest.param(["total", "subtotal"], [1, 2, 3], id="any of several"),
        pytest.param(["sum"], [], id="none"),
        pytest.param([], [], id="no names"),
    ],
)
def test_where_names_stand(names, found):
    assert symbols.uses({1: "total(x)", 2: "subtotal(x)", 3: "y.total", 4: "totals"}, names) == found


def test_a_new_file_defines_all_of_its_names():
    made = Change((file("a.py", SOURCE),), heads={"a.py": head(SOURCE)})
    assert tuple(symbols.Names(made.files, made.heads)) == ("total", "other", "Basket")
