"""Links between the repository's own pages: each file and each heading that one names exists."""

import os
import pathlib
import re
import unittest

import catalog

_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
_BLOCK = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")


def pages(root):
    for folder, folders, files in os.walk(root):
        folders[:] = [one for one in folders if one != "build" and not one.startswith(".")]
        yield from (pathlib.Path(folder, one) for one in sorted(files) if one.endswith(".md"))


def anchors(text):
    """What a page's headings are called in a link, as GitHub names them, in order."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings]


def links(text):
    return _LINK.findall(_CODE.sub("", _BLOCK.sub("", text)))


def broken_links(page, text):
    for link in links(text):
        if _ELSEWHERE.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            yield link
        elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield link


class LinksTest(unittest.TestCase):
    def test_lead_somewhere(self):
        found = list(pages(catalog.REPOSITORY))
        self.assertIn(catalog.REPOSITORY / "README.md", found)
        for page in found:
            with self.subTest(str(page.relative_to(catalog.REPOSITORY))):
                text = page.read_text(encoding="utf-8")
                self.assertEqual(list(broken_links(page, text)), [])

    def test_a_broken_link_is_found(self):
        page = pathlib.Path(__file__)
        for link in ("nowhere.md", "../nowhere", "#nothing", "catalog.py#nothing"):
            with self.subTest(link):
                self.assertEqual(list(broken_links(page, f"[a]({link})")), [link])

    def test_what_is_no_link_of_ours_is_left_alone(self):
        page = pathlib.Path(__file__)
        for text in ("[a](https://example.org/x)", "[a](catalog.py)", "`[a](nowhere)`",
                     "```\n[a](nowhere)\n```"):
            with self.subTest(text):
                self.assertEqual(list(broken_links(page, text)), [])


if __name__ == "__main__":
    unittest.main()
