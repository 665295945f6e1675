"""Model files: what a file lacks or holds wrongly is said of the file, and faults of the code stay such."""

import copy
import json
import zipfile

import pandas as pd
import pytest

from tabgan import TabGAN, TabVAE, load, load_iris
from tabgan.adversarial.networks import MLP
from tabgan.io.models import load_model, save_model

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = {"max_steps": 3, "batch_size": 32, "verbose": 0, "random_state": 0, "device": "cpu"}
SMALL = MLP((16,), (16,))


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """Header and arrays of a file whose columns are of three kinds."""
    frame = load_iris().assign(key=range(1000, 1150))
    path = tmp_path_factory.mktemp("model") / "iris.tabgan"
    TabGAN(**QUICK, backbone=SMALL).fit(frame).save(path)
    return load_model(path)


@pytest.fixture
def refused(tmp_path):
    """Give what is said when a file of this header and these arrays is loaded."""

    def refused(header, arrays):
        save_model(tmp_path / "model.tabgan", header, arrays)
        with pytest.raises(ValueError, match=r"model\.tabgan is a model file, but it ") as said:
            load(tmp_path / "model.tabgan", device="cpu")
        assert str(said.value).endswith("fit the model again and save it")
        return str(said.value)

    return refused


def keys(header, path=()):
    """Give the path of every key of a header, at every depth."""
    pairs = header.items() if isinstance(header, dict) else enumerate(header)
    for key, value in pairs:
        if isinstance(header, dict):
            yield (*path, key)
        if isinstance(value, dict | list):
            yield from keys(value, (*path, key))


def test_a_header_that_lacks_something_is_refused_with_a_sentence(content, refused):
    """Whatever it is: no bare KeyError, and no model that is another than the saved one."""
    header, arrays = content
    n_keys = 0
    for path in keys(header):
        if path[:2] == ("parameters", "backbone") or {"params", "format", "grid"} & set(path[:-1]):
            continue  # the first stands in "fitted" as well, and the others belong to the column types
        broken = copy.deepcopy(header)
        parent = broken
        for key in path[:-1]:
            parent = parent[key]
        del parent[path[-1]]
        said = refused(broken, arrays)
        assert path[-1] in said
        n_keys += 1
    assert n_keys > 60


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("training", "n_iter"), "many", "has n_iter='many', expected a int"),
        (("fitted", "stream"), [1, 2], "has stream=[1, 2], expected a dict"),
        (("fitted", "generator", "precision"), None, "has precision=None, expected a str"),
        (("parameters", "colour"), "red", "has other parameters than TabGAN: they differ in ['colour']"),
    ],
)
def test_what_a_header_holds_wrongly_is_named(content, refused, path, value, complaint):
    header, arrays = copy.deepcopy(content[0]), content[1]
    parent = header
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    assert complaint in refused(header, arrays)


def test_arrays_that_are_missing_or_of_another_shape_are_named(content, refused, tmp_path):
    header, arrays = content
    name = next(key for key in arrays if key.startswith("sampler.generator.") and arrays[key].ndim == 2)
    short = {**arrays, name: arrays[name][:-1]}
    assert f"weights {name.removeprefix('sampler.generator.')!r} of shape" in refused(header, short)
    save_model(tmp_path / "whole.tabgan", header, arrays)
    without = {key: array for key, array in arrays.items() if key != name}
    save_model(tmp_path / "part.tabgan", header, without)
    with (
        zipfile.ZipFile(tmp_path / "whole.tabgan") as whole,
        zipfile.ZipFile(tmp_path / "part.tabgan") as part,
        zipfile.ZipFile(tmp_path / "mixed.tabgan", "w") as mixed,
    ):
        mixed.writestr("model.json", whole.read("model.json"))
        mixed.writestr("weights.safetensors", part.read("weights.safetensors"))
    with pytest.raises(ValueError, match=r"lacks the arrays \['sampler\.generator\..*fit the model again"):
        load(tmp_path / "mixed.tabgan")


@pytest.mark.parametrize("fault", [KeyError, TypeError, IndexError, AttributeError])
def test_a_fault_of_the_code_while_loading_stays_what_it_is(tmp_path, fault):
    """It is not the file's, and to fit the model again would not mend it."""

    class Faulty(TabGAN):
        is_faulty = False

        def __setattr__(self, name, value):
            if self.is_faulty and name == "schema_":
                raise fault("a fault of the code")
            super().__setattr__(name, value)

    parameters = TabGAN(**QUICK, backbone=SMALL).get_params(deep=False)
    Faulty.__init__ = TabGAN.__init__
    Faulty(**parameters).fit(load_iris()).save(tmp_path / "faulty.tabgan")
    assert len(Faulty.load(tmp_path / "faulty.tabgan").sample(3)) == 3
    Faulty.is_faulty = True
    with pytest.raises(fault, match="a fault of the code"):
        Faulty.load(tmp_path / "faulty.tabgan")


def test_format_1_is_refused_in_a_sentence(content, tmp_path):
    document = {"format": "tabgan-model", "format_version": 1, "tabgan_version": "0.1.0", "model": {}}
    with zipfile.ZipFile(tmp_path / "old.tabgan", "w") as archive:
        archive.writestr("model.json", json.dumps(document))
    said = (
        r"old\.tabgan was written by tabgan 0\.1\.0 in model format 1, too old for this version: fit the "
        "model again and save it$"
    )
    with pytest.raises(ValueError, match=said):
        load(tmp_path / "old.tabgan")


def test_a_saved_model_is_the_same_down_to_the_bytes(tmp_path):
    """Nothing is lost on the way, so that a file of a loaded model is the file that it was loaded from."""
    for estimator in (TabGAN, TabVAE):
        estimator(**QUICK).fit(load_iris()).save(tmp_path / "first.tabgan")
        load(tmp_path / "first.tabgan", device="cpu").save(tmp_path / "second.tabgan")
        assert (tmp_path / "first.tabgan").read_bytes() == (tmp_path / "second.tabgan").read_bytes()


def test_an_autoencoder_travels_without_its_estimator(tmp_path):
    """The other processes build its networks from the content of the file alone."""
    model = TabVAE(**QUICK).fit(load_iris())
    folder = model.sample_to(tmp_path / "out", 60, rows_per_part=20, workers=2, random_state=1, verbose=0)
    drawn = pd.concat(model.sample_batches(60, batch_rows=20, random_state=1), ignore_index=True)
    pd.testing.assert_frame_equal(pd.read_parquet(folder), drawn)
