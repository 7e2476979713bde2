"""Every code block of the documentation runs, in the order of its page."""

from __future__ import annotations

import pytest

from tests.docs.blocks import PAGES, blocks
from tests.docs.running import Page

BLOCKS = {page: blocks(page) for page in PAGES}
RUN = {page: found for page, all_ in BLOCKS.items() if (found := [b for b in all_ if not b.skip])}
SKIPPED = [
    pytest.param(block, marks=pytest.mark.skip(f"{block}: {block.skip}"), id=str(block))
    for found in BLOCKS.values()
    for block in found
    if block.skip is not None
]


@pytest.mark.parametrize("page", RUN)
def test_the_blocks_of_a_page_run(page, folder, monkeypatch):
    made = Page(folder, monkeypatch)
    for block in RUN[page]:
        made.run(block)


@pytest.mark.parametrize("block", SKIPPED)
def test_a_block_that_cannot_run_here_says_why(block):
    """Reported as skipped, with its reason."""


def test_most_blocks_run():
    assert len(SKIPPED) < 0.25 * sum(map(len, BLOCKS.values()))
