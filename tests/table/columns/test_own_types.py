"""Column types of a user's own: encoded, conditioned on, balanced, saved and loaded like any other."""

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN
from tabgan.table import ColumnType, Schema, TableTransformer

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "wind": RNG.integers(0, 8, 300) * 45.0,
        "size": RNG.choice(["S", "M", "L"], 300),
        "x": RNG.normal(size=300),
    }
)
QUICK = {"max_steps": 20, "random_state": 0, "verbose": 0, "refine": False}


class Angle(ColumnType):
    """A direction in degrees as its sine and cosine."""

    scale = "numeric"

    def __init__(self, decimals=1):
        self.decimals = decimals

    def fit(self, column, y=None):
        self.learned_ = {"name": column.name, "range": [column.min(), column.max()]}
        self.values_ = np.unique(column)
        return self

    def transform(self, column, rng=None):
        radians = np.deg2rad(column.to_numpy(dtype=float))
        return np.column_stack([np.sin(radians), np.cos(radians)]).astype(np.float32)

    def inverse_transform(self, codes, rng=None):
        return pd.Series(np.rad2deg(np.arctan2(codes[:, 0], codes[:, 1])) % 360).round(self.decimals)

    def blocks(self):
        return [("scalar", 1), ("scalar", 1)]


class Size(ColumnType):
    """Sizes in their order, small ones first."""

    scale = "nominal"
    ORDER = ("S", "M", "L")

    @property
    def categories(self):
        return pd.Series(self.ORDER)

    def fit(self, column, y=None):
        return self

    def transform(self, column, rng=None):
        places = column.map({size: place for place, size in enumerate(self.ORDER)})
        return places.to_numpy(dtype=np.float32)[:, None]  # nan where it is none of them

    def inverse_transform(self, codes, rng=None):
        return self.categories[codes[:, 0].astype(int)].reset_index(drop=True)

    def blocks(self):
        return [("onehot", 3)]


@pytest.fixture(scope="module")
def model():
    return TabGAN(columns={"wind": Angle(decimals=2), "size": Size()}, **QUICK).fit(FRAME)


def test_a_table_comes_back():
    schema = Schema.infer(FRAME, {"wind": Angle()})
    assert (schema["wind"].kind, schema["wind"].scale) == ("Angle", "numeric")
    table = TableTransformer(schema).fit(FRAME)
    back = table.inverse_transform(table.transform(FRAME, random_state=0))
    np.testing.assert_allclose(back["wind"], FRAME["wind"], atol=0.1)


def test_it_can_be_given_and_balanced(model):
    assert (model.sample(30, given={"wind": 90.0}, random_state=1)["wind"] == 90).all()
    assert model.sample(40, given={"wind": slice(80, 200)}, random_state=1)["wind"].between(80, 200).all()
    assert (model.sample(30, given={"size": ["S", "M"]}, random_state=1)["size"] != "L").all()
    assert model.sample(30, balance="size", random_state=1)["size"].value_counts().tolist() == [10, 10, 10]
    with pytest.raises(ValueError, match="column 'size' held nothing like 'XL'"):
        model.sample(3, given={"size": "XL"})
    with pytest.raises(ValueError, match=r"balance must be the name of a column of categories, \['size'\]"):
        model.sample(3, balance="wind")


def test_a_type_without_fit_is_named():
    class Half(ColumnType):
        scale = "numeric"

    with pytest.raises(NotImplementedError, match="Half has no `fit`"):
        Half().fit(FRAME["x"])


def test_it_is_saved_and_loaded(model, tmp_path):
    model.save(tmp_path / "m.tabgan")
    again = TabGAN.load(tmp_path / "m.tabgan")
    pd.testing.assert_frame_equal(again.sample(50, random_state=1), model.sample(50, random_state=1))
    assert again.get_params()["columns"]["wind"].decimals == 2
    assert again.schema_["wind"].column_type.decimals == 2
    wind = again.fitted_model_.transformer.columns_["wind"]
    assert wind.learned_ == {"name": "wind", "range": [0.0, 315.0]}
    assert wind.values_.tolist() == [45.0 * k for k in range(8)]


def test_what_could_not_be_loaded_is_not_saved(tmp_path):
    class Strange(Angle):
        def fit(self, column, y=None):
            self.thing_ = object()
            return self

    model = TabGAN(columns={"wind": Strange()}, **QUICK).fit(FRAME)
    with pytest.raises(ValueError, match="column 'wind' cannot be saved, for what its type Strange learned"):
        model.save(tmp_path / "m.tabgan")
    assert not (tmp_path / "m.tabgan").exists()
    with pytest.raises(ValueError, match="a parameter of the column type Angle cannot be saved"):
        Schema.infer(FRAME, {"wind": Angle(decimals=object())}).to_dict()
    text = type("Text", (Angle,), {})
    with pytest.raises(ValueError, match="Text has the name of one of tabgan's; rename"):
        Schema.infer(FRAME, {"wind": text()}).to_dict()


def test_a_class_that_is_not_defined_is_named():
    data = Schema.infer(FRAME, {"wind": Angle()}).to_dict()
    data["columns"][0]["column_type"]["type"] = "Unknown"
    with pytest.raises(ValueError, match=r"a column of the type 'Unknown'.* define or import the class"):
        Schema.from_dict(data)
