"""Files that are replaced once the new one is complete, never half written; and files that are no files."""

from __future__ import annotations

import errno
import glob
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from tabgan.io.names import like

if sys.platform != "win32":
    import fcntl

LISTED = 1000  # files of a folder that may be meant by another name
HIDDEN = "." + "[0-9a-f]" * 16 + "-"  # before the name of what is being written, as a pattern


def regular(path: str | os.PathLike[str]) -> Path:
    """Give the path of a file, and refuse what would be read without end: a FIFO, a device, a socket.

    Raises
    ------
    ValueError
        If it is no regular file.
    OSError
        If it is not there, or a folder.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(_absence(path))
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder, and a file is needed", str(path))
    if not stat.S_ISREG(mode):
        raise ValueError(f"{path} is a FIFO or a device, and a file is needed; write its content into one")
    return path


def _absence(path: Path) -> str:
    """Say that a file is not there, and where to look for it."""
    folder, names = path.absolute().parent, list[str]()
    if not folder.is_dir():
        return f"there is no file {path}, since there is no folder {folder}; check both names"
    with suppress(OSError), os.scandir(folder) as entries:
        names = [each.name for each in islice(entries, LISTED)]
    close = like(path.name, names)
    meant = f"did you mean {' or '.join(map(repr, close))}?" if close else "check its name and its folder"
    return f"there is no file {path.absolute()}; {meant}"


def check_writable(path: Path) -> None:
    """Refuse a file that `replacing` could not write, before anything long is begun.

    Raises
    ------
    ValueError
        If the name is empty or a folder's, or new files cannot be made beside it.
    """
    target = _target(path)
    if not path.name or target.is_dir():
        raise ValueError(f"{str(path)!r} is no name of a file; give one, such as {path / 'new'}")
    if not target.parent.is_dir():
        raise ValueError(f"the folder {target.parent} does not exist; make it first")
    if target.exists() and not target.is_file():
        raise ValueError(f"{path} is a FIFO or a device, and a file is needed; choose another name")
    check_folder(target.parent)


def check_folder(folder: Path) -> None:
    """Refuse a folder in which no file can be made; raise a ValueError that says why."""
    try:
        temporary, descriptor = _create(folder / "new")
        os.close(descriptor)
        temporary.unlink()
    except OSError as error:
        reason = error.strerror or error
        raise ValueError(f"no file can be made in the folder {folder} ({reason}); choose another") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; it takes the place of `path` only if all went well.

    It has the permissions of the file that it replaces. If `path` is a link, the file that it leads to is
    replaced. What a killed process left half written under such a name is removed.
    """
    target = _target(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder does not exist; make it first", str(target.parent))
    remove_left(target.parent, glob.escape(target.name))
    temporary, descriptor = _create(target)
    try:
        yield temporary
        os.fsync(descriptor)
        if sys.platform == "win32":
            os.close(descriptor)  # an open file could not be moved there
            descriptor = -1
        os.replace(temporary, target)
        _sync_folder(target.parent)
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        temporary.unlink(missing_ok=True)


def _target(path: Path) -> Path:
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _create(target: Path) -> tuple[Path, int]:
    """Make an empty file to write to; that it is locked tells it from one that a killed process left."""
    while True:
        # The ending is kept because pandas compresses by it.
        temporary = target.with_name(f".{secrets.token_hex(8)}-{target.name}")
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        descriptor = os.open(temporary, flags, 0o666 if mode is None else mode)
        try:
            if mode is not None:
                os.chmod(temporary, mode)  # the user's umask is for new files
            if sys.platform != "win32":
                with suppress(OSError):  # some file systems know no locks
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
            if temporary.exists():  # nobody has taken it for a left one in between
                return temporary, descriptor
        except BaseException:
            os.close(descriptor)
            temporary.unlink(missing_ok=True)
            raise
        os.close(descriptor)


def remove_left(folder: Path, names: str) -> None:
    """Remove what killed processes left half written under names like a pattern, and of live ones nothing."""
    if sys.platform == "win32":
        return
    for left in folder.glob(HIDDEN + names):
        with suppress(OSError):  # it is being written, is not ours, or gone
            descriptor = os.open(left, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Have the new name on disk, too, where folders can be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
