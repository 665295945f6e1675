"""Model files, checkpoints and folders of parts, changed at random: refused in a sentence, or the same."""

import copy
import json
import resource
import time
import zipfile

import numpy as np
import pandas as pd
import pytest
import torch

import tabgan
from tabgan import Privacy, TabGAN
from tabgan.adversarial.networks import MLP
from tabgan.adversarial.training.checkpoint import CHECKSUM, NAME, _checksum
from tabgan.io.models import load_model, save_model
from tests.attack.budget import Attack

pytestmark = pytest.mark.slow  # trains networks

QUICK = {"max_steps": 3, "batch_size": 32, "verbose": 0, "random_state": 0, "device": "cpu"}
MOST_SECONDS, MOST_MEGABYTES = 20, 1000  # seconds of the processor
ODD = [
    None,
    True,
    -1,
    0,
    1,
    2,
    7,
    255,
    2**31,
    2**63,
    2**64,
    10**9,
    10**30,
    0.5,
    -0.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "x" * 5000,
    "U100000000",
    "datetime64[ns]",
    "object",
    "%Y",
    "%9f",
    "a/0 > 1",
    [],
    {},
    [[]],
    ["float", "nan"],
    ["NA", ""],
    ["tuple", []],
    ["dict", []],
    ["dtype", "U100000000"],
    ["dtype", "float64"],
    ["series", {}],
    ["timestamp", ["2020", "Mars/Olympus", "ns"]],
    {"array": "0.spikes_"},
    {"record": "Grid", "fields": {}},
]


def table():
    """Columns of many types, each of which a file describes in another way."""
    n = 1100
    rng = np.random.default_rng(0)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    low = np.round(rng.lognormal(3, 1, n), 2)
    return pd.DataFrame(
        {
            "low": low,
            "high": low + np.round(rng.random(n), 2),
            "gap": np.where(rng.random(n) < 0.2, np.nan, np.round(rng.normal(size=n), 3)),
            "count": rng.integers(0, 9, n),
            "city": rng.choice(["Bonn", "Lyon", "Rome"], n),
            "size": pd.Categorical(rng.choice(["s", "l"], n), ["s", "l"], ordered=True),
            "day": day.tz_localize("Europe/Berlin"),
            "written": day.strftime("%d.%m.%Y"),
            "price": [f"${value:,.2f}" for value in rng.lognormal(5, 1, n)],
            "key": rng.permutation(np.arange(10_000, 10_000 + n)),
            "code": [f"A-{k:05d}-{k % 7}" for k in rng.permutation(n)],
            "mail": [f"{name}{k}@example.org" for k, name in enumerate(rng.choice(["ann", "bob"], n))],
            "one": "constant",
        }
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A refined model of them, with constraints and a memory of its rows."""
    path = tmp_path_factory.mktemp("model") / "whole.tabgan"
    model = TabGAN(
        **QUICK,
        backbone=MLP((8,), (8,)),
        privacy=Privacy(remember="rows"),
        constraints=["low <= high", "count >= 0 or city == 'Rome'"],
    )
    model.fit(table()).save(path)
    return path


def parents(data):
    """Give every list and object of a document that has something in it."""
    found, waiting = [], [data]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list) and each:
            found.append(each)
            waiting.extend(each.values() if isinstance(each, dict) else each)
    return found


def change(rng, data):
    """Change one place of a document; say where and how."""
    places = parents(data)
    parent = places[rng.integers(len(places))]
    keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    key = keys[rng.integers(len(keys))]
    kind = rng.choice(["odd", "odd", "odd", "delete", "other", "twice", "number"])
    if kind == "odd":
        parent[key] = copy.deepcopy(ODD[rng.integers(len(ODD))])
    elif kind == "delete":
        del parent[key]
    elif kind == "other":
        other = places[rng.integers(len(places))]
        parent[key] = copy.deepcopy(next(iter(other.values() if isinstance(other, dict) else other)))
    elif kind == "twice" and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    elif isinstance(parent[key], int | float):
        parent[key] = [parent[key] * -1, parent[key] + 1, parent[key] * 1000][rng.integers(3)]
    return f"{kind} {key!r} {parent.get(key, '')!r:.60}" if isinstance(parent, dict) else f"{kind} [{key}]"


def change_array(rng, arrays):
    """Change one array; say which and how."""
    name = list(arrays)[rng.integers(len(arrays))]
    array = np.array(arrays[name])
    kind = str(rng.choice(["dtype", "shape", "nan", "large", "order", "empty", "longer", "less"]))
    if kind == "dtype":
        kind = str(rng.choice(["float32", "int64", "uint8", "bool", "float16"]))
        with np.errstate(all="ignore"):
            arrays[name] = np.nan_to_num(array).astype(kind)
    elif kind == "shape":
        arrays[name] = array[..., None]
    elif kind in ("nan", "large", "less") and array.size:
        values = {"nan": np.nan, "large": 1e30, "less": -1}
        flat = array.reshape(-1).copy()
        with np.errstate(all="ignore"):
            flat[rng.integers(flat.size)] = np.array(values[kind]).astype(flat.dtype)
        arrays[name] = flat.reshape(array.shape)
    elif kind == "order":
        arrays[name] = rng.permutation(array.reshape(-1)).reshape(array.shape)
    elif kind == "empty":
        arrays[name] = array[:0] if array.ndim else np.array([], array.dtype)
    elif kind == "longer" and array.ndim:
        arrays[name] = np.concatenate([array, array])
    return f"{kind} {name}"


def use(model):
    """Do what one does with a model: it draws, unless hardly any row obeys its constraints."""
    model.fitted_model_.sampler.batch = 512  # rows at a time: many tries, each of few rows
    try:
        drawn = model.sample(40, random_state=0)
    except RuntimeError as error:
        assert "too few to draw 40" in str(error)  # noqa: PT017
        return pd.DataFrame()
    assert drawn.shape == (40, 13)
    try:
        model.sample(5, given={"city": "Rome"}, random_state=0)
    except RuntimeError as error:
        assert "too few" in str(error)  # noqa: PT017
    except ValueError as error:
        assert "Rome" in str(error)  # noqa: PT017
    return drawn


def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def judge(path, expected, is_forged):
    """Load a file, and use it if it loads: say how that ended."""
    before, start = megabytes(), time.process_time()
    try:
        model = tabgan.load(path, device="cpu")
    except ValueError as error:
        assert path.name in str(error)  # noqa: PT017
        assert len(str(error)) < 2000  # noqa: PT017
        end = "refused"
    else:
        drawn = use(model)
        same = drawn.equals(expected)
        assert same or is_forged, "another model without a word"
        end = "the same" if same else "another, as its checksum says"
    assert time.process_time() - start < MOST_SECONDS
    assert megabytes() - before < MOST_MEGABYTES
    return end


def test_model_files_with_changed_bytes(whole, tmp_path):
    content, expected = whole.read_bytes(), use(tabgan.load(whole, device="cpu"))
    attack = Attack("model files, bytes", 40)
    for number, rng in attack.tries():
        changed = bytearray(content)
        kind = str(rng.choice(["flip", "cut", "insert", "zero", "swap"]))
        place = int(rng.integers(len(changed)))
        if kind == "flip":
            changed[place] ^= 1 << int(rng.integers(8))
        elif kind == "cut":
            del changed[place : place + int(rng.integers(1, 5000))]
        elif kind == "insert":
            changed[place:place] = rng.bytes(int(rng.integers(1, 100)))
        elif kind == "zero":
            changed[place : place + 100] = bytes(100)
        else:
            other = int(rng.integers(len(changed)))
            changed[place : place + 50], changed[other : other + 50] = (
                changed[other : other + 50], changed[place : place + 50],
            )  # fmt: skip
        path = tmp_path / "changed.tabgan"
        path.write_bytes(changed)
        attack.note(number, f"{kind} {place}", judge(path, expected, is_forged=False))


def test_model_files_with_changed_json(whole, tmp_path):
    """Without the right checksum, as by a hand that edits the file: another model is never given out."""
    with zipfile.ZipFile(whole) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    expected = use(tabgan.load(whole, device="cpu"))
    attack = Attack("model files, JSON", 40)
    for number, rng in attack.tries():
        document = json.loads(members["model.json"])
        what = change(rng, document)
        path = tmp_path / "changed.tabgan"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("model.json", json.dumps(document))
            archive.writestr("weights.safetensors", members["weights.safetensors"])
        attack.note(number, what, judge(path, expected, is_forged=False))


def test_forged_model_files(whole, tmp_path):
    """With the right checksum, as whoever wants to do harm would write it: no raw error, and no hang."""
    header, arrays = load_model(whole)
    expected = use(tabgan.load(whole, device="cpu"))
    attack = Attack("model files, forged", 80)
    for number, rng in attack.tries():
        document, others = copy.deepcopy(header), dict(arrays)
        what = change(rng, document) if rng.random() < 0.7 else change_array(rng, others)
        path = tmp_path / "forged.tabgan"
        try:
            save_model(path, document, others)
        except (ValueError, TypeError):
            continue
        attack.note(number, what, "begun")
        attack.note(number, what, judge(path, expected, is_forged=True))


def test_checkpoints(tmp_path):
    rows = table()[["low", "city", "gap"]].head(100)
    quick = {**QUICK, "max_steps": 6, "backbone": MLP((4,), (4,)), "refine": False}
    expected = TabGAN(**quick).fit(rows, checkpoint=tmp_path).sample(20, random_state=0)
    path = tmp_path / NAME
    whole = path.read_bytes()
    content = torch.load(path, weights_only=True)
    content.pop(CHECKSUM)
    attack = Attack("checkpoints", 25)
    for number, rng in attack.tries():
        if rng.random() < 0.5:
            changed = bytearray(whole)
            place = int(rng.integers(len(changed)))
            changed[place] ^= 1 << int(rng.integers(8))
            path.write_bytes(changed)
            what, is_forged = f"flip {place}", False
        else:
            other = copy.deepcopy(content)
            what, is_forged = change(rng, other), True
            torch.save(other | {CHECKSUM: _checksum(other)}, path)
        try:
            model = TabGAN(**quick).fit(rows, checkpoint=tmp_path)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017
            end = "refused"
        except RuntimeError as error:
            assert is_forged
            assert "nothing worth keeping" in str(error)  # noqa: PT017
            end = "diverged"
        else:
            same = model.sample(20, random_state=0).equals(expected)
            assert same or is_forged, what
            end = "the same" if same else "another, as its checksum says"
        attack.note(number, what, end)


def test_folders_of_parts(whole, tmp_path):
    model = tabgan.load(whole, device="cpu")
    settings = {"rows_per_part": 20, "random_state": 1, "verbose": 0}
    folder = model.sample_to(tmp_path / "out", 60, **settings)
    expected = pd.read_parquet(folder)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    attack = Attack("folders of parts", 15)
    for number, rng in attack.tries():
        for path in folder.iterdir():
            path.unlink()
        changed = dict(files)
        name = sorted(files)[rng.integers(len(files))]
        kind = str(rng.choice(["flip", "cut", "delete", "other", "json", "strange"]))
        content = bytearray(files[name])
        if kind == "flip":
            content[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
        elif kind == "cut":
            del content[int(rng.integers(len(content))) :]
        elif kind == "other":
            content = files[sorted(files)[rng.integers(len(files))]]
        elif kind == "json":
            name = "_tabgan.json"
            document = json.loads(files[name])
            kind = change(rng, document)
            content = json.dumps(document).encode()
        changed[name] = bytes(content)
        if kind == "delete":
            del changed[name]
        if kind == "strange":
            changed[str(rng.choice(["part-000003.parquet", "x.parquet", "part-0.parquet"]))] = changed[name]
        for each, text in changed.items():
            (folder / each).write_bytes(text)
        try:
            model.sample_to(folder, 60, **settings)
            pd.testing.assert_frame_equal(pd.read_parquet(folder), expected)
            end = "healed"
        except ValueError as error:
            assert str(folder) in str(error)  # noqa: PT017
            end = "refused"
        attack.note(number, f"{kind} {name}", end)
