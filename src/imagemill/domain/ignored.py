"""Objects of an existing bucket that a stack ignores: they get neither renditions nor a record."""

from imagemill.dataclass import dataclass

# Endings of files that programs keep beside an image: edits and metadata. In lower case.
_SIDECARS = (".aae", ".cos", ".dop", ".ini", ".json", ".on1", ".pp3", ".thm", ".xmp")
# Files that Finder, Explorer and Picasa put into every folder. In lower case.
_OF_FOLDERS = frozenset({".ds_store", "desktop.ini", "ehthumbs.db", "picasa.ini", "thumbs.db"})
# AppleDouble: the part of a file that other file systems than Apple's cannot store.
_APPLE_DOUBLE = "._"
# Folders with thumbnails of a Synology NAS, and those that macOS adds to archives. In lower case.
_FOLDERS = frozenset({"@eadir", "__macosx"})


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """The keys of an existing bucket that are processed.

    A key has the prefix and one of the suffixes; without suffixes, any but those of markers of
    folders and of sidecar files. S3 and EventBridge compare in the same way, letter by letter.
    """

    prefix: str = ""
    suffixes: tuple[str, ...] = ()

    def accepts(self, key: str) -> bool:
        """Return whether the object under this key is processed."""
        if not key.startswith(self.prefix) or key.endswith("/"):
            return False
        if self.suffixes:
            return key.endswith(self.suffixes)
        return not is_sidecar(key)

    def narrowed(self, prefix: str) -> str:
        """Return the prefix with which to list the keys that are accepted and have `prefix`."""
        return self.prefix if self.prefix.startswith(prefix) else prefix


def is_sidecar(key: str) -> bool:
    """Return whether the name of an object is that of a file which only accompanies images."""
    *folders, name = key.lower().split("/")
    if name in _OF_FOLDERS or name.startswith(_APPLE_DOUBLE) or name.endswith(_SIDECARS):
        return True
    return not _FOLDERS.isdisjoint(folders)


def suffixes_in(text: str) -> tuple[str, ...]:
    """Return the suffixes of a list with commas, as the parameter OriginalsSuffixes has it."""
    return tuple(suffix.strip() for suffix in text.split(",") if suffix.strip())
