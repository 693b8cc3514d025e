"""The HTML report in a real browser: drawn, quiet, narrow enough for a phone, and legible."""

import browser
import pytest
import reviews
from factories import verdict
from test_html import auth, rendered, whole

pytestmark = pytest.mark.skipif(
    browser.find() is None,
    reason="there is no Chromium, so nobody has looked at the HTML report; install one",
)

LONG = "very_long_name_without_any_place_to_break_it_" * 5
#: Everything a page can do that a visitor would notice, from every place a stranger can write to.
ATTACK = (
    '"><script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">'
    '<style>body{display:none}</style><a href="javascript:alert(1)">x</a><iframe src="https://evil.example"></iframe>'
    "![p](https://evil.example/p.png) [click](https://evil.example) </details></td></table></article>"
)
PAGES = {
    "blocked": whole(*reviews.BLOCKED.verdicts),
    "inconclusive": reviews.INCONCLUSIVE,
    "offline": reviews.OFFLINE,
    "hostile": reviews.hostile(ATTACK),
    "long": whole(
        verdict(path=auth().path, title=LONG, body=LONG, failure=f"`{LONG}`", category="data-loss")
    ),
}

#: Text whose colour is too close to what lies behind it (WCAG 2 AA: 4.5, or 3 for large text), by relative luminance.
FAINT = """(() => {
  const rgba = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const light = (c) => c.slice(0, 3).map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (node) => { for (; node; node = node.parentElement) {
    const c = rgba(getComputedStyle(node).backgroundColor); if (c[3] === 1) return c; if (c[3] > 0) return null; } return null; };
  const faint = []; let seen = 0;
  document.querySelectorAll("details").forEach((d) => d.open = true);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), at = walker.currentNode.parentElement;
    if (!text || at.closest("style") || !at.getClientRects().length) continue;
    const style = getComputedStyle(at), back = behind(at), size = parseFloat(style.fontSize); seen += 1;
    if (!back) { faint.push("nothing solid behind: " + text); continue; }
    const [hi, lo] = [light(rgba(style.color)), light(back)].sort((a, b) => b - a);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (hi + .05) / (lo + .05);
    if (ratio < (large ? 3 : 4.5)) faint.push(ratio.toFixed(2) + " " + at.className + ": " + text.slice(0, 40));
  }
  return { faint, seen };
})()"""


@pytest.fixture(scope="module")
def tab():
    with browser.started(browser.find()) as new:
        yield new()


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, made in PAGES.items():
        (folder / f"{name}.html").write_text(rendered(made), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (375, True)])
def test_it_is_drawn_without_a_word_and_without_a_request(tab, addresses, name, width, dark):
    tab.open(addresses[name], width=width, dark=dark)
    assert tab.value("document.querySelector('h1').getBoundingClientRect().height") > 20
    assert (
        tab.value("getComputedStyle(document.body).marginTop") == "0px"
    )  # our style holds: its hash is right
    wrong = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Audits.issueAdded")
    assert tab.events(*wrong) == []
    assert [e["request"]["url"] for e in tab.events("Network.requestWillBeSent")] == [addresses[name]]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [375, 768, 1280])
def test_nothing_runs_out_of_the_window(tab, addresses, name, width):
    tab.open(addresses[name], width=width)
    tab.value("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert tab.value("document.documentElement.clientWidth") == width


@pytest.mark.parametrize("name", ["blocked", "inconclusive", "offline"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_word_stands_out_from_what_is_behind_it(tab, addresses, name, dark):
    tab.open(addresses[name], width=1280, dark=dark)
    looked = tab.value(FAINT)
    assert looked["seen"] > 40
    assert looked["faint"] == []


def test_a_faint_word_would_have_been_seen(tab, addresses):
    tab.open(addresses["blocked"], width=1280)
    tab.value("document.querySelector('h2').style.color = 'rgb(200, 200, 200)'")
    assert tab.value(FAINT)["faint"]


def test_without_scripts_it_is_the_same_page(tab, addresses):
    shape = "[document.body.innerText, document.documentElement.scrollHeight]"
    tab.open(addresses["blocked"], width=375)
    with_scripts = tab.value(shape)
    tab.open(addresses["blocked"], width=375, scripts=False)
    assert tab.value(shape) == with_scripts
    assert tab.value("document.scripts.length") == 0


def test_what_strangers_wrote_is_read_and_not_obeyed(tab, addresses):
    tab.open(addresses["hostile"], width=1280)
    tab.value("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert "owned" not in tab.value("document.title").replace(ATTACK, "")
    assert (
        tab.value("document.querySelectorAll('img, iframe, script, [onerror], [href^=javascript]').length")
        == 0
    )
    assert tab.value("document.body.innerText").count("<script>document.title=") > 10


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_bars_are_drawn_to_scale(tab, addresses, dark):
    tab.open(addresses["blocked"], width=1280, dark=dark)
    first = "document.querySelector('#cost').parentElement.querySelector('svg.bar')"
    widths = tab.value(f"[...{first}.querySelectorAll('rect')].map((r) => r.getBoundingClientRect().width)")
    whole_bar = tab.value(f"{first}.getBoundingClientRect().width")
    assert len(widths) == 2
    edges = tab.value(f"[...{first}.querySelectorAll('rect')].map((r) => r.getBoundingClientRect().x)")
    assert abs(edges[0] + widths[0] - edges[1]) < 1
    assert abs(sum(widths) - whole_bar) < 1
    assert widths[0] > 10 * widths[1]
    colours = tab.value(f"[...{first}.querySelectorAll('rect')].map((r) => getComputedStyle(r).fill)")
    assert len(set(colours)) == 2
