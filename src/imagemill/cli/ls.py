"""`imagemill ls`: list the newest images, or a folder."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer

from imagemill.api.folders import FolderRequest
from imagemill.cli import filters, options
from imagemill.cli.cloud import StackClient, StackOptions, open_client
from imagemill.cli.image_table import image_table, wide_image_table
from imagemill.cli.screen import note, print_json, print_line, printable, stdout
from imagemill.domain.folders import Folder
from imagemill.domain.image_filter import ImageFilter
from imagemill.domain.image_query import ImageQuery, Sort
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_json import report
from imagemill.errors import UsageInvalid

EXAMPLE = "imagemill ls --limit 5 --status ready"
# Most records of one listing, because the command holds them in memory.
_MAX_LIMIT = 10_000
# Folders and images of one page. Source: openapi.json.
_PAGE_SIZE = 100

_Prefix = Annotated[
    str | None,
    typer.Argument(
        metavar="[PREFIX]",
        help="A folder, such as holiday/2026/, or the beginning of keys; / is all.",
    ),
]
_Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="With PREFIX: the images of all folders below.")
]
_Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=_MAX_LIMIT, help="Number of images.")
]
_Sort = Annotated[
    Sort | None, typer.Option(help="Order by the time of the upload or by name.  [default: newest]")
]
_Wide = Annotated[bool, typer.Option("--wide", "-w", help="Add the ids, and shorten nothing.")]


def ls(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    prefix: _Prefix = None,
    *,
    recursive: _Recursive = False,
    limit: _Limit = 20,
    name: filters.Search = None,
    status: filters.StatusOption = None,
    kind: filters.Format = None,
    since: filters.Since = None,
    until: filters.Until = None,
    min_bytes: filters.MinBytes = None,
    max_bytes: filters.MaxBytes = None,
    sort: _Sort = None,
    wide: _Wide = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """List images, newest first; with PREFIX, a folder in the order of its keys.

    On a narrow terminal some columns are left out, and at last the keys are shortened in the
    middle. A pipe gets all columns and whole keys.
    """
    wanted = filters.checked(ImageFilter(status, kind, since, until, min_bytes, max_bytes, name))
    _check(prefix, sort, recursive=recursive)
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    folders: list[Folder] = []
    if prefix is None:
        records = _found(client, ImageQuery(wanted, sort or "newest"), limit)
    else:
        request = FolderRequest(prefix.lstrip("/"), _PAGE_SIZE, None, wanted, recursive)
        folders, records = _in_folder(client, request, limit)
    _show(folders, records, as_json=as_json, wide=wide)
    if not (folders or records or as_json):
        note(_nothing(prefix, wanted))


def _check(prefix: str | None, sort: Sort | None, *, recursive: bool) -> None:
    """Raise UsageInvalid for an option that folders lack, or that only they have."""
    if prefix is None and recursive:
        raise UsageInvalid("--recursive needs a PREFIX, such as /")
    if prefix is not None and sort:
        raise UsageInvalid("a folder comes in the order of its keys: --sort needs no PREFIX")


def _found(client: StackClient, query: ImageQuery, limit: int) -> list[ImageRecord]:
    """Return the first `limit` images of a search.

    The listing is used where it suffices: the API of a former version has no search.
    """
    if query == ImageQuery(ImageFilter(query.filter.status)):
        return client.feed.newest(limit, status=query.filter.status)
    page = client.search(min(limit, _PAGE_SIZE), None, query)
    records = page.records
    while page.cursor and len(records) < limit:
        page = client.search(min(limit - len(records), _PAGE_SIZE), page.cursor, query)
        records = records + page.records
    return records


def _in_folder(
    client: StackClient, request: FolderRequest, limit: int
) -> tuple[list[Folder], list[ImageRecord]]:
    """Return all folders up to image number `limit`, and these images."""
    folders: list[Folder] = []
    records: list[ImageRecord] = []
    for page_folders, page_records in _pages(client, request):
        folders += page_folders
        records += page_records[: limit - len(records)]
        if len(records) == limit:
            break
    return folders, records


def _pages(
    client: StackClient, request: FolderRequest
) -> Iterator[tuple[list[Folder], list[ImageRecord]]]:
    page = client.list_folder(request)
    yield page.folders, page.records
    while page.cursor:
        page = client.list_folder(replace(request, cursor=page.cursor))
        yield page.folders, page.records


def _show(folders: list[Folder], records: list[ImageRecord], *, as_json: bool, wide: bool) -> None:
    for folder in folders:
        if as_json:
            print_json({"folder": folder.prefix})
        else:
            print_line((printable(folder.prefix), "bold blue"))
    if as_json:
        for record in records:
            print_json(report(record))
    elif records and wide:
        stdout(is_endless=True).print(wide_image_table(records))
    elif records:
        console = stdout()
        console.print(image_table(records, console.width))


def _nothing(prefix: str | None, wanted: ImageFilter) -> str:
    if prefix is not None:
        return f"nothing found below {prefix!r}"
    return "no images yet" if wanted.is_open else "no image passes the filters"
