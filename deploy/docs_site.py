# ruff: noqa: INP001 - scripts, not a package
"""Stage the documentation site, or finish its build: `docs_site.py stage WORK|finish WORK SITE`.

The Markdown files work on a code host as they are. On the site, README.md is the start page, and a
link to a file that is no page leads to the repository.
"""

import json
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from docs_openapi import openapi_page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# Pages outside of docs/, and their names on the site.
_PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CODE_OF_CONDUCT.md": "conduct.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
}
# The public modules, each with a sentence for the page; a module that does not exist is left out.
_MODULES = (
    "imagemill",
    "imagemill.client",
    "imagemill.testing",
    "imagemill.imaging",
    "imagemill.recipe",
    "imagemill.webhooks",
    "imagemill.errors",
)
_FENCE = re.compile(r"^( *)(```+|~~~+)")
_TARGET = re.compile(
    r"(?P<head>\]\(|\b(?:src|srcset|href)=\")(?P<path>[^)\s\"#:]+)(?P<tail>#[^)\s\"]*)?(?=[)\"\s])"
)


def page_names() -> dict[str, str]:
    """Return the name on the site of each Markdown file, by its path in the repository."""
    found = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
    pages = {f"docs/{name}": name.replace("README.md", "index.md") for name in found}
    return pages | {name: page for name, page in _PAGES.items() if (ROOT / name).is_file()}


def linked(text: str, source: str, pages: Mapping[str, str], repository: str) -> str:
    """Return a page with the links of the site; `source` is its path in the repository."""
    here = PurePosixPath(source).parent
    place = PurePosixPath(pages[source]).parent

    def replaced(match: re.Match[str]) -> str:
        target = normpath(str(here / match["path"]))
        tail = match["tail"] or ""
        if target in pages or target.startswith("docs/"):
            inner = pages.get(target, target.removeprefix("docs/"))
            inner = "decisions/index.md" if inner == "decisions" else inner
            return f"{match['head']}{relpath(inner, str(place))}{tail}"
        return f"{match['head']}{repository}/blob/main/{target}{tail}"

    return "\n".join(_outside_code(text, lambda line: _TARGET.sub(replaced, line))) + "\n"


def _outside_code(text: str, change: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines of a page, changed unless they are in a fenced block."""
    fence = ""
    for line in text.splitlines():
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[2]
        elif found and line.strip() == fence:
            fence = ""
        elif not fence:
            yield change(line)
            continue
        yield line


def title_of(text: str) -> str:
    """Return the text of the first heading."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1].replace("`", "") if found else ""


def decisions_page(pages: Mapping[str, str]) -> str:
    """Return the list of the decisions, the newest day first; `pages` are texts by file name."""
    lines = [
        "# Decisions",
        "",
        "Why things are as they are: the options, the choice, the way back.",
    ]
    days = sorted({name[:10] for name in pages}, reverse=True)
    for day in days:
        lines += ["", f"## {day}", ""]
        lines += [f"- [{title_of(pages[name])}]({name})" for name in pages if name[:10] == day]
    return "\n".join(lines) + "\n"


def python_page() -> str:
    """Return the reference of the public modules, which mkdocstrings fills."""
    lines = ["# Python", "", "The engine and the errors as a library: `pip install imagemill`.", ""]
    for module in _MODULES:
        path = ROOT / "src" / module.replace(".", "/")
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if file.is_file() and file.stat().st_size:
            lines += [
                f"## `{module}`",
                "",
                f"::: {module}",
                "    options:",
                "      show_root_toc_entry: false",
                "",
            ]
    return "\n".join(lines)


def navigation(
    listed: Mapping[str, list[str]], titles: Mapping[str, str]
) -> list[dict[str, object]]:
    """Return the navigation: the listed pages that exist, and the others under More."""
    named = {page for pages in listed.values() for page in pages}
    more = [page for page in titles if page not in named and not page.startswith("decisions/")]
    sections = {**listed, "More": more}
    return [
        {section: [{titles[page]: page} for page in pages if page in titles]}
        for section, pages in sections.items()
        if any(page in titles for page in pages)
    ]


def stage(work: Path) -> None:
    """Write the pages and the settings of Zensical into a folder."""
    settings = tomllib.loads((DOCS / "site.toml").read_text())
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(DOCS, work / "docs", ignore=shutil.ignore_patterns("*.md", "*.toml", "*.py"))
    pages = {
        page: linked((ROOT / source).read_text(), source, page_names(), urls["Source"])
        for source, page in page_names().items()
    }
    decisions = {Path(page).name: text for page, text in pages.items() if "decisions/" in page}
    pages["decisions/index.md"] = decisions_page(decisions)
    pages["python.md"] = python_page()
    pages["openapi.md"] = openapi_page(json.loads((ROOT / "openapi.json").read_text()))
    for name, text in pages.items():
        path = work / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.copy(ROOT / "openapi.json", work / "docs")
    titles = {page: title_of(text) for page, text in pages.items()}
    project = settings["project"] | {
        "nav": navigation(settings["nav"], titles),
        "site_url": urls["Documentation"],
    }
    (work / "zensical.toml").write_text(f"project = {toml(project)}\n")


def toml(value: object) -> str:
    """Return a value in TOML, objects as inline tables."""
    match value:
        case dict():
            pairs = (f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items())
            return f"{{ {', '.join(pairs)} }}"
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def finish(work: Path, site: Path) -> None:
    """Move the built site to its place, and add llms.txt and the Markdown that it names."""
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(work / "site", site)
    settings = tomllib.loads((work / "zensical.toml").read_text())["project"]
    pages = work / "docs"
    for path in pages.rglob("*.md"):
        place = site / path.relative_to(pages)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    lines = ["# imagemill", "", f"> {summary()}", ""]
    for section in settings["nav"]:
        [(name, entries)] = section.items()
        lines += [f"## {name}", ""]
        for entry in entries:
            [(title, page)] = entry.items()
            lines.append(f"- [{title}]({settings['site_url']}{page})")
        lines.append("")
    (site / "llms.txt").write_text("\n".join(lines))


def summary() -> str:
    """Return what imagemill is, in one sentence."""
    text: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["description"]
    return text


if __name__ == "__main__":
    if sys.argv[1] == "stage":
        stage(Path(sys.argv[2]))
    else:
        finish(Path(sys.argv[2]), Path(sys.argv[3]))
