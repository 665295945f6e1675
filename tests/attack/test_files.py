"""Files that were made to do harm: refused at once, in little memory, with a sentence that names the file."""

import copy
import json
import re
import resource
import struct
import sys
import time
import zipfile

import numpy as np
import pytest

import tabgan
from tabgan import Privacy, TabGAN, load_iris
from tabgan.adversarial.networks import MLP
from tabgan.io.models import load_model, save_model
from tests.forks import FORKS

pytestmark = [
    pytest.mark.slow,  # trains networks, or waits for other processes
    pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process as Linux tells it"),
]

QUICK = {"max_steps": 3, "batch_size": 32, "verbose": 0, "random_state": 0, "device": "cpu"}
MEGABYTE = 2**20
MOST_SECONDS = 10  # of the processor, to refuse a file


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "whole.tabgan"
    frame = load_iris().assign(key=range(1000, 1150), gap=np.where(np.arange(150) % 9, 0.5, np.nan))
    TabGAN(**QUICK, backbone=MLP((16,), (16,)), privacy=Privacy(remember="hashes")).fit(frame).save(path)
    return path


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def peak():
    """Give the most memory that this process has had, in kilobytes; getrusage would count its parent's."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def load_and_tell(path, told):
    """Load a file that is to be refused; send the megabytes and seconds that it took, and the sentence."""
    resource.setrlimit(resource.RLIMIT_CPU, (60, resource.RLIM_INFINITY))
    before, start = peak(), time.process_time()
    try:
        tabgan.load(path, device="cpu")
    except ValueError as error:
        told.send(((peak() - before) / 1024, time.process_time() - start, str(error)))


def refused(path):
    """Load a file that is to be refused, in another process; give the sentence and the megabytes it took.

    Time is that of the processor, which other programs do not change.
    """
    told, telling = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=load_and_tell, args=(path, telling))
    process.start()
    process.join()
    assert process.exitcode == 0
    assert told.poll()
    grown, seconds, said = told.recv()
    assert path.name in said
    assert "\n" not in said
    assert seconds < MOST_SECONDS
    return said, grown


def test_a_bomb_is_not_unpacked(whole, tmp_path):
    """2 KB that become 256 MB."""
    path = tmp_path / "bomb.tabgan"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr(zipfile.ZipInfo("model.json"), members(whole)["model.json"])
        with archive.open("weights.safetensors", "w") as file:
            for _ in range(16):
                file.write(b"\0" * 2**24)
    said, grown = refused(path)
    assert "damaged or incomplete" in said
    assert grown < 100


def test_a_large_member_is_in_memory_once(whole, tmp_path):
    path = tmp_path / "large.tabgan"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", members(whole)["model.json"])
        archive.writestr("weights.safetensors", bytes(200 * MEGABYTE))
    assert refused(path)[1] < 300


def test_json_that_is_large_in_memory_is_not_read(whole, tmp_path):
    """Each of 20 million empty objects would take 64 bytes or more."""
    path = tmp_path / "deep.tabgan"
    text = b'{"format": "tabgan-model", "format_version": 4, "model": [' + b"{}," * 20_000_000 + b"0]}"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", text)
        archive.writestr("weights.safetensors", members(whole)["weights.safetensors"])
    assert refused(path)[1] < 300
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", b"[" * 100_000)
    refused(path)


def test_a_zip_of_many_members_is_not_listed(tmp_path):
    path = tmp_path / "many.tabgan"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    assert "damaged or incomplete" in refused(path)[0]


def test_a_member_that_comes_twice(whole, tmp_path):
    path = tmp_path / "twice.tabgan"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members(whole).items():
            archive.writestr(zipfile.ZipInfo(name), content)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(zipfile.ZipInfo("model.json"), b"{}")
    with pytest.raises(ValueError, match=r"twice\.tabgan is damaged"):
        tabgan.load(path)


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        ({"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}, "arrays of 'BF16'"),
        ({"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 4]}}, "does not lie where"),
        ({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, "impossible shape"),
        ({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, "does not lie where"),
        ({"a": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]}}, "more than the arrays"),
        ({"a": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, "impossible shape"),
        ({"a": [1, 2]}, "no entry of an array"),
        ([], "no index"),
    ],
)
def test_arrays_that_do_not_lie_as_they_should(whole, tmp_path, index, reason):
    path = tmp_path / "odd.tabgan"
    text = json.dumps(index).encode()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", members(whole)["model.json"])
        archive.writestr("weights.safetensors", struct.pack("<Q", len(text)) + text + bytes(4))
    with pytest.raises(ValueError, match=r"odd\.tabgan is damaged") as said:
        tabgan.load(path)
    assert reason in str(said.value.__cause__)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("fitted", "generator", "backbone", "params", "latent_dim"), 10**6),
        (("fitted", "generator", "backbone", "params", "latent_dim"), 10**9),
        (("fitted", "generator", "backbone", "params", "generator"), [30_000, 30_000]),
        (("fitted", "generator", "backbone", "params", "critic"), [10**6, 10**6]),
        (("fitted", "generator", "backbone", "params", "critic"), [16] * 20_000),
        (("parameters", "backbone", "params", "latent_dim"), -1),
        (("fitted", "containers", "X_dtype"), "U100000000"),
        (("fitted", "table", "columns", 4, 3, "n_kept_"), 10**9),
        (("fitted", "table", "columns", 5, 3, "known_", "fields", "n_bits"), 1),
        (("fitted", "table", "columns", 0, 3, "has_missing_"), 2**31),
    ],
)
def test_sizes_are_compared_before_anything_is_built(whole, tmp_path, where, value):
    """With the right checksum, as whoever wants to do harm would write it."""
    header, arrays = copy.deepcopy(load_model(whole))
    parent = header
    for key in where[:-1]:
        parent = parent[key]
    assert where[-1] in parent
    parent[where[-1]] = value
    path = tmp_path / "big.tabgan"
    save_model(path, header, arrays)
    if value == [10**6, 10**6]:  # of the critic, a file holds no weights: none is built
        assert len(tabgan.load(path, device="cpu").sample(3)) == 3
        return
    assert refused(path)[1] < 300


def test_a_change_is_never_overlooked(whole, tmp_path):
    """One of another model, which without the checksum would load, and draw other rows without a word."""
    content = members(whole)
    text = content["model.json"].decode()
    assert '"positions"' in text
    other = re.sub(r'"remarks_": \[\s*"tuple",', '"remarks_":  [ "tuple",', text)
    for changed, is_fine in ((other, True), (text.replace('"is_sorted": true', '"is_sorted": false'), False)):
        assert changed != text
        path = tmp_path / "changed.tabgan"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("model.json", changed)
            archive.writestr("weights.safetensors", content["weights.safetensors"])
        if is_fine:  # only laid out otherwise
            drawn = [tabgan.load(file).sample(5, random_state=0) for file in (path, whole)]
            assert drawn[0].equals(drawn[1])
        else:
            with pytest.raises(ValueError, match=r"changed\.tabgan was changed after it was saved"):
                tabgan.load(path)


def test_a_model_of_other_columns_is_refused(whole, tmp_path):
    header, arrays = copy.deepcopy(load_model(whole))
    header["fitted"]["containers"]["features"][0] = "other"
    save_model(tmp_path / "other.tabgan", header, arrays)
    with pytest.raises(ValueError, match=r"other\.tabgan.*columns of X and y are not those of the table"):
        tabgan.load(tmp_path / "other.tabgan")


def test_what_a_file_says_is_quoted_in_one_short_line(whole, tmp_path):
    header, arrays = copy.deepcopy(load_model(whole))
    header["fitted"]["table"]["schema"]["columns"][0]["column_type"] = {"type": "x\n" * 3000, "params": {}}
    save_model(tmp_path / "long.tabgan", header, arrays)
    with pytest.raises(ValueError, match=r"long\.tabgan: .*column of the type 'x\\nx") as said:
        tabgan.load(tmp_path / "long.tabgan")
    assert len(str(said.value)) < 500
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("version", [None, "4", 4.0, True, [4]])
def test_the_version_is_known_exactly(whole, tmp_path, version):
    document = json.loads(members(whole)["model.json"]) | {"format_version": version}
    path = tmp_path / "odd.tabgan"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", json.dumps(document))
        archive.writestr("weights.safetensors", members(whole)["weights.safetensors"])
    with pytest.raises(ValueError, match=r"odd\.tabgan is not a tabgan model"):
        tabgan.load(path)
