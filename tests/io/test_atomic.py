"""Files that are replaced: their permissions, links, what a kill leaves, and what is no file."""

import os
import resource
import signal
import stat
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan.cli import main
from tabgan.evaluation.plain import written
from tabgan.io import models, tables
from tabgan.io.atomic import check_writable, regular, replacing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions and locks of Unix")


def write(path, text="new"):
    with replacing(path) as temporary:
        temporary.write_text(text)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_permissions_stay(tmp_path, mode):
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(mode)
    with replacing(path) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == mode, "nor is it open to more in between"
        temporary.chmod(0o600)
        temporary.write_text("new")
        temporary.chmod(mode)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_obeys_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.txt")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "target.txt"
    target.write_text("old")
    (tmp_path / "link.txt").symlink_to("folder/target.txt")
    (tmp_path / "dangling.txt").symlink_to("folder/other.txt")
    write(tmp_path / "link.txt")
    write(tmp_path / "dangling.txt")
    assert (tmp_path / "link.txt").is_symlink()
    assert target.read_text() == "new"
    assert (tmp_path / "folder" / "other.txt").read_text() == "new"
    assert sorted(os.listdir(tmp_path / "folder")) == ["other.txt", "target.txt"]


def test_what_a_kill_leaves_is_removed_and_what_is_being_written_is_not(tmp_path):
    path = tmp_path / "a[1].txt"
    process = os.fork()
    if not process:
        with replacing(path):
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(process, 0)[1] == signal.SIGKILL
    (left,) = tmp_path.iterdir()
    with replacing(path) as first:
        assert not left.exists()
        first.write_text("first")
        write(path, "second")
        assert first.exists()
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    write(path, "old")

    def fail():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "put",
    [
        lambda path: written("new" * 5000, path),
        lambda path: tables.write_table(pd.DataFrame({"x": range(5000)}), path.with_suffix(".csv")),
        lambda path: models.save_model(path, {}, {"x": np.zeros(5000)}),
    ],
    ids=["text", "table", "model"],
)
def test_a_full_disk_leaves_the_old_file(tmp_path, put):
    """As reports, tables and models meet it: a file that may have no more than 1,000 bytes."""
    path = tmp_path / "a.txt"
    for each in (path, path.with_suffix(".csv")):
        each.write_text("old")
    process = os.fork()
    if not process:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            put(path)
        except OSError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 7
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.txt": "old", "a.csv": "old"}


@pytest.fixture(params=["fifo.csv", "/dev/zero", "/dev/null"])
def endless(request, tmp_path):
    """What would be read without end, or is no file."""
    if request.param.startswith("/"):
        (tmp_path / "device.csv").symlink_to(request.param)
        return tmp_path / "device.csv"
    os.mkfifo(tmp_path / request.param)
    return tmp_path / request.param


@pytest.mark.timeout(30)
@pytest.mark.parametrize("read", [models.load_model, tables.read_table, regular])
def test_fifos_and_devices_are_refused(endless, read):
    with pytest.raises(ValueError, match="is a FIFO or a device, and a file is needed"):
        read(endless)
    with pytest.raises(ValueError, match="is a FIFO or a device, and a file is needed"):
        check_writable(endless)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("command", ["sample {} -n 3 -o rows.csv", "fit {} -o m.tabgan", "evaluate {} {}"])
def test_fifos_and_devices_are_refused_at_the_command_line(endless, command, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main([part.format(endless) for part in command.split()])
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert said.count("\n") == 1
    assert "is a FIFO or a device" in said


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "is no name of a file"),
        (".", "is no name of a file"),
        ("nowhere/a.txt", "does not exist; make it first"),
        ("/proc/a.txt", "no file can be made in the folder /proc"),
    ],
)
def test_what_cannot_be_written_is_said_beforehand(name, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=complaint):
        check_writable(Path(name))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"the folder does not exist; make it first: .*nowhere'"),
        replacing(tmp_path / "nowhere" / "a.txt"),
    ):
        pass
