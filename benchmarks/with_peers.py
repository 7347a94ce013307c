"""imagemill beside other tools: the sections with a table for each row of `rows.py`."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from benchmarks import comparison_tables
from benchmarks.comparison import Comparison, compare
from benchmarks.contender import Contender
from benchmarks.corpus import Corpus
from benchmarks.page import Section
from benchmarks.peers import ours, peers
from benchmarks.rounds import SLOW_MS
from benchmarks.rows import Row

_OURS = ("imagemill", "deployed", "tutorial")
_HOW = """\
Each tool makes the images that a row names from the bytes of a file in memory, in a warm process,
on one core and one thread; all take turns in shuffled order. *CPU* is user and system time of the
process and its children: the median of {rounds} rounds, then the geometric mean over the files. A
ratio is taken within a round; *range* is that of the files, relative to the first rival. A tool
that takes {slow_s} s or more for a file, such as sharp with its default AVIF, has one round for it.
Qualities are those of imagemill's defaults for all: JPEG 82, WebP 80, AVIF 62, JPEG XL 76.

* `imagemill` is `render` called in-process; `deployed` is the same in another process, as in the
  function. Both also check limits, convert profiles, strip metadata and make the placeholder.
* `sharp` makes a clone per image, as its documentation shows, with its default efforts. `sharp
  tuned` decodes once, shrinks each size from the next larger one, and has the efforts of
  imagemill: WebP 2, AVIF 0 with 4:2:0. `sharp tuned 1` and `2` have another effort of AVIF: that
  with the bytes and the score of imagemill's default shows the time of equal files.
* `pyvips`, `opencv` and `simplejpeg` (with Lanczos by cykooz.resizer) decode once; the last two
  ignore profiles. `thumbor` is its engine, without the server, one request per image.
* `tutorial` is Pillow's `exif_transpose`, then `thumbnail` of a copy for each size.
* *S2* is the mean SSIMULACRA 2 of the images of at most {scored} files, compared with the whole
  image resampled by Lanczos in floats: 100 is identical, 90 is hard to distinguish. That *of the
  resize* is of PNGs, that *of the file* of what the row asks for; of images above 640 px the
  centre is compared.
* *kB* are all images of a file together. *Peak* is resident memory above that of the process
  before its first image, for the row's largest file; the figure of sharp includes Node's own.

A dash means that the tool cannot do it, or that the figure is that of `imagemill`."""
TITLE = "How tools are compared"
TITLES = {
    "sizes": "JPEG to 500 px, by size",
    "progressive": "Progressive JPEG to 500 px",
    "web": "Web sizes",
    "sets": "Responsive sets",
    "covers": "A cover and two sizes",
    "formats": "Other formats to 500 px",
    "new": "Newer kinds of images",
}


def run(corpus: Corpus, rows: Sequence[Row], rounds: int, scored: int) -> Iterator[Section]:
    """Measure the rows, and yield a section for each group."""
    head, found = _measured(corpus, rows, rounds, scored)
    yield Section(TITLE, head)
    for group, some in groupby(found, key=lambda each: each.row.group):
        measured = list(some)
        text = "\n\n".join(map(comparison_tables.rendered, measured))
        figures = {name: ratio for each in measured for name, ratio in _figures(each)}
        yield Section(TITLES[group], text, figures=figures)


def show(corpus: Corpus, rows: Sequence[Row], rounds: int, scored: int) -> Iterator[str]:
    """Measure the rows, and yield the explanation and then each table as soon as it is complete."""
    head, found = _measured(corpus, rows, rounds, scored)
    yield head
    yield from map(comparison_tables.rendered, found)


def _measured(
    corpus: Corpus, rows: Sequence[Row], rounds: int, scored: int
) -> tuple[str, Iterator[Comparison]]:
    """Return the explanation, and the measurements of the rows that have files, one by one."""
    wanted = {name for row in rows for name in row.tools}
    found, absent = peers(wanted)
    tools = [*ours(tuple(name for name in _OURS if name in wanted)), *found]
    measured = (
        compare(row, files, tools, rounds, scored)
        for row in rows
        if (files := corpus.of_kind(row.files, row.most))
    )
    return _told(tools, absent, rounds, scored), measured


def _figures(found: Comparison) -> Iterator[tuple[str, float]]:
    """Yield the ratios of imagemill to sharp, for the baseline."""
    files = list(map(str, found.files))
    for name in ("imagemill", "deployed"):
        if ratio := found.timings.ratio(name, "sharp", files):
            yield f"{found.row.name}, {name}", round(ratio, 3)


def _told(tools: Sequence[Contender], absent: Sequence[str], rounds: int, scored: int) -> str:
    versions = "; ".join(dict.fromkeys(f"{tool.name}: {tool.version}" for tool in tools))
    missing = f" Not available here: {', '.join(absent)}." if absent else ""
    how = _HOW.format(rounds=rounds, scored=scored, slow_s=SLOW_MS // 1_000)
    return f"{how}\n\nVersions: {versions}.{missing}"
