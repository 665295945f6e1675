"""With defaults no planted rare value comes out of a model or stands in its file; unprotected, all do."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan import Privacy, TabGAN

N_ROWS, N_DRAWN = 10_000, 80_000


@pytest.fixture(scope="module")
def planted() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "job": rng.choice(["nurse", "smith", "cook"], N_ROWS),
            "town": pd.Categorical(rng.choice(["north", "south"], N_ROWS), ["north", "south", "Xanadu"]),
            "salary": rng.lognormal(10, 0.5, N_ROWS).round(2),
            "born": pd.Timestamp("1960-01-01") + pd.to_timedelta(rng.integers(0, 10_000, N_ROWS), unit="D"),
        }
    )
    frame.loc[(frame["job"] == "cook") & (frame["town"] == "north"), "job"] = "smith"
    frame.loc[13, ["job", "town"]] = "cook", "north"  # the only one
    frame.loc[[5, 50, 500], "job"] = "astronaut"
    frame.loc[[7, 70], "town"] = "Xanadu"
    frame.loc[9, "salary"] = 10 * frame["salary"].max()
    frame.loc[11, "born"] = pd.Timestamp("1815-12-10")
    return frame


def content(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return b"".join(map(archive.read, archive.namelist()))


@pytest.mark.parametrize("protect", ["auto", 5, None])
def test_planted_values(planted: pd.DataFrame, protect: int | str | None, tmp_path: Path) -> None:
    model = TabGAN(privacy=Privacy(protect=protect), max_steps=50, refine=False, verbose=0, random_state=0)
    drawn = model.fit(planted).sample(N_DRAWN)
    model.save(tmp_path / "model.tabgan")
    secrets = [b"astronaut", b"Xanadu", np.float64(planted["salary"].max()).tobytes()]
    in_file = [secret in content(tmp_path / "model.tabgan") for secret in secrets]
    came_out = [
        (drawn["job"] == "astronaut").any(),
        (drawn["town"] == "Xanadu").any(),
        (drawn["salary"] > planted["salary"].nlargest(2).iloc[1]).any(),
        (drawn["born"] < pd.Timestamp("1960-01-01")).any(),
        ((drawn["job"] == "cook") & (drawn["town"] == "north")).any(),
    ]
    is_open = protect is None
    assert [*in_file, *came_out[:2]] == [is_open] * 5
    assert is_open or not any(came_out)  # a single extreme number seldom comes out, even unprotected
    assert model.schema_["job"].reason.endswith("are never drawn") != is_open
    assert drawn.dtypes.drop("town").equals(planted.dtypes.drop("town"))


def test_a_condition_on_a_protected_value_is_refused(planted: pd.DataFrame) -> None:
    model = TabGAN(max_steps=1, refine=False, verbose=0, random_state=0).fit(planted)
    with pytest.raises(ValueError, match=r"'job' held nothing like 'astronaut'.*protect"):
        model.sample(10, given={"job": "astronaut"})


@pytest.mark.parametrize("protect", ["never", 0, 2.5, True])
def test_a_wrong_number_is_refused(planted: pd.DataFrame, protect: object) -> None:
    with pytest.raises((TypeError, ValueError), match="protect must be"):
        TabGAN(privacy=Privacy(protect=protect), verbose=0).fit(planted)  # type: ignore[arg-type]
