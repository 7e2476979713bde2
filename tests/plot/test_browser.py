"""The page in a real browser: it draws, asks for nothing, complains of nothing, fits the screen."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--dump-dom",
]  # fmt: skip
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")

# The page stands in frames of the widths of a phone and of a laptop; the outer page measures them.
FRAMES = """<!DOCTYPE html><body><iframe width="390" height="800" srcdoc="{page}"></iframe>
<iframe width="1280" height="800" srcdoc="{page}"></iframe><script>
addEventListener("load", () => {{
  document.body.dataset.sizes = [...document.querySelectorAll("iframe")].map(frame => {{
    const page = frame.contentDocument;
    const drawn = [...page.querySelectorAll("figure svg")];
    const high = drawn.filter(svg => svg.getBoundingClientRect().height > 100).length;
    return [page.documentElement.scrollWidth, page.documentElement.clientWidth, high].join(" ");
  }}).join(";");
}});
</script>"""


@pytest.fixture(scope="module")
def look(tmp_path_factory) -> Callable[[str], tuple[str, list[str]]]:
    """Show a page; return its DOM and what the console said."""
    folder: Path = tmp_path_factory.mktemp("browser")

    def show(text: str) -> tuple[str, list[str]]:
        (folder / "page.html").write_text(text, encoding="utf-8")
        assert CHROMIUM is not None
        done = subprocess.run(
            [CHROMIUM, *OPTIONS, f"--user-data-dir={folder / 'profile'}",
             (folder / "page.html").as_uri()],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert "</html>" in done.stdout, done.stderr[-2000:]
        return done.stdout, re.findall(r":CONSOLE(?::\d+|\(\d+\))?\] (.*)", done.stderr)

    return show


def test_it_draws_and_the_console_is_silent(look, whole):
    """What is asked for from elsewhere is refused by the page itself, and would be told there."""
    dom, said = look(whole)
    assert said == []
    assert dom.count("<figure>") == whole.count("<figure>") == 7


def test_the_console_would_tell(look, whole):
    picture = '<img src="https://example.invalid/x.png">'
    _, said = look(whole.replace("</main>", f"{picture}<script>x()</script></main>"))
    assert any("example.invalid" in words for words in said)
    assert any("script" in words for words in said)


def test_it_fits_a_phone_and_a_laptop(look, whole):
    dom, _ = look(FRAMES.format(page=html.escape(whole)))
    found = re.search('data-sizes="([^"]*)"', dom)
    assert found is not None
    phone, laptop = ([int(n) for n in sizes.split()] for sizes in found[1].split(";"))
    assert phone[1] <= 390
    assert laptop[1] <= 1280
    for scroll, width, figures in (phone, laptop):
        assert scroll <= width
        assert figures == 7


def test_the_measure_sees_what_is_too_wide(look, whole):
    wide = whole.replace("</main>", '<div style="width: 2000px">x</div></main>')
    dom, _ = look(FRAMES.format(page=html.escape(wide)))
    found = re.search('data-sizes="([^"]*)"', dom)
    assert found is not None
    assert all(int(sizes.split()[0]) >= 2000 for sizes in found[1].split(";"))
