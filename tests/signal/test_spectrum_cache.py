"""Spectra kept on disk: the same numbers, never stale ones, and no error from the folder."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from na64ana import signal
from na64ana.errors import SignalError
from na64ana.signal import constants, production, spectrum_cache
from na64ana.signal.spectrum_cache import cache_folder, kept

SETUP = signal.setup("na64e")
MODEL = signal.model("dark-photon")
MASS = 0.25


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NA64ANA_CACHE", str(tmp_path))
    return tmp_path / "spectra"


@pytest.fixture
def nothing_computed(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("computed")

    def begin():
        monkeypatch.setattr(production, "differential_of", refuse)
        monkeypatch.setattr(production, "annihilation_cross_section", refuse)

    return begin


def files(folder):
    return sorted(folder.glob("*")) if folder.exists() else []


def numbers(setup=SETUP, mass=MASS, mediator="vector"):
    made = signal.bremsstrahlung_spectrum(mediator, mass, setup)
    return made.energies.tobytes() + made.numbers.tobytes()


def test_a_second_reach_takes_all_from_disk(folder, nothing_computed):
    first = signal.reach(MODEL, SETUP, [0.01, MASS], 2.3)
    assert len(files(folder)) == 4  # bremsstrahlung and annihilation at each mass
    nothing_computed()
    assert signal.reach(MODEL, SETUP, [0.01, MASS], 2.3).limit == first.limit


def test_numbers_from_disk_are_the_very_same(folder, monkeypatch):
    first = numbers()
    assert numbers() == first
    monkeypatch.setenv("NA64ANA_CACHE", "off")
    assert numbers() == first


@pytest.mark.parametrize(
    "changes",
    [{"exposure": 1.0}, {"efficiency": 0.1}, {"start": 1.0},
     {"thickness": 30.0}, {"sees": "visible"}, {"efficiency": lambda e: 0 * e}],
)  # fmt: skip
def test_what_is_applied_later_shares_a_spectrum(folder, nothing_computed, changes):
    first = numbers()
    nothing_computed()
    assert numbers(signal.setup("na64e", **changes)) == first


@pytest.mark.parametrize(
    "changes",
    [{"beam_energy": 150.0}, {"threshold": 40.0}, {"target": "W"}, {"beam": "positron"},
     {"beam": "muon"}],
)  # fmt: skip
def test_what_changes_a_spectrum_has_its_own(folder, changes):
    for setup in (SETUP, signal.setup("na64e", **changes)):
        numbers(setup)
    assert len(files(folder)) == 2


def test_every_argument_has_its_own(folder):
    muons = signal.setup("na64mu")
    numbers(muons)
    numbers(signal.setup("na64mu", thickness=20.0))
    numbers(muons, mass=np.nextafter(MASS, 1))
    numbers(muons, mediator="scalar")
    signal.bremsstrahlung_spectrum("vector", MASS, muons, method="ww")
    signal.bremsstrahlung_spectrum("vector", MASS, muons, form_factor="elastic+inelastic")
    for dark in ({}, {"alpha_D": 0.5}, {"mass_ratio": 4.0}, {"dark_matter": "scalar"}):
        signal.annihilation_spectrum(MASS, SETUP, **dark)
    assert len(files(folder)) == 10


def test_a_mass_is_a_number_however_it_is_written(folder):
    assert numbers(mass=1) == numbers(mass=np.float64(1)) == numbers(mass=1.0)
    assert len(files(folder)) == 1


def damages(content):
    """Files that may lie there instead of the one that was written."""
    changed = bytearray(content)
    changed[-3] ^= 1
    return {
        "nothing": b"",
        "half": content[: len(content) // 2],
        "one bit": bytes(changed),
        "more": content + b"12345678",
        "text": b"hello",
        "head alone": content[:20],
    }


@pytest.mark.parametrize("damage", damages(b"of any file"))
def test_a_damaged_file_is_written_anew(folder, damage):
    first = numbers()
    (path,) = files(folder)
    content = path.read_bytes()
    path.write_bytes(damages(content)[damage])
    assert numbers() == first
    assert path.read_bytes() == content


def test_a_file_of_another_spectrum_is_not_taken(folder):
    first = numbers()
    (path,) = files(folder)
    own = path.read_bytes()
    numbers(mass=0.1)
    (other,) = set(files(folder)) - {path}
    path.write_bytes(other.read_bytes())
    assert numbers() == first
    assert path.read_bytes() == own


def test_other_code_has_other_files(folder, monkeypatch):
    numbers()
    monkeypatch.setattr(spectrum_cache, "_sources", lambda _package: "other code")
    numbers()
    assert len(files(folder)) == 2


def test_a_hash_knows_code_and_constants(tmp_path, monkeypatch):
    hashed = spectrum_cache._sources.__wrapped__
    found = []
    for name, text in (("a.py", "x = 1"), ("a.py", "x = 2"), ("b.py", "")):
        (tmp_path / name).write_text(text)
        found.append(hashed(tmp_path))
    monkeypatch.setattr(constants, "M_ELECTRON", 0.0005)
    found.append(hashed(tmp_path))
    assert len(set(found)) == len(found)


def test_without_source_nothing_is_kept(folder, monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    assert spectrum_cache._sources.__wrapped__(tmp_path / "empty") is None
    monkeypatch.setattr(spectrum_cache, "_sources", lambda _package: None)
    numbers()
    assert not files(folder)


def test_errors_and_empty_spectra_are_not_kept(folder):
    with pytest.raises(SignalError, match="unknown mediator"):
        signal.bremsstrahlung_spectrum("vektor", MASS, SETUP)
    with pytest.raises(SignalError, match="unknown target"):
        signal.bremsstrahlung_spectrum("vector", MASS, signal.setup("na64e", target="Pbb"))
    assert numbers(mass=150.0) == b""
    assert not files(folder)


def test_a_folder_that_cannot_be_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NA64ANA_CACHE", str(tmp_path / "file" / "below"))
    first = numbers()
    monkeypatch.setenv("NA64ANA_CACHE", "off")
    assert numbers() == first


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_is_read_only_is_no_error(folder):
    first = numbers()
    (path,) = files(folder)
    path.write_bytes(b"")
    folder.chmod(0o500)
    try:
        assert numbers() == first
        assert path.read_bytes() == b""
    finally:
        folder.chmod(0o700)


def test_several_at_once_get_the_same(folder):
    rows = np.arange(20000.0).reshape(2, -1)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: kept((i % 3,), lambda: rows + i % 3), range(60)))
    assert all((array == rows + i % 3).all() for i, array in enumerate(found))
    assert len(files(folder)) == 3


def test_where_it_is(monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("XDG_CACHE_HOME", "/data/xdg")
    for name, expected in (
        ("/data/mine", "/data/mine/spectra"),
        ("~/mine", "/home/someone/mine/spectra"),
        ("", "/data/xdg/na64ana/spectra"),
    ):
        monkeypatch.setenv("NA64ANA_CACHE", name)
        assert cache_folder() == Path(expected)
    for nowhere in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", nowhere)
        assert cache_folder() == Path("/home/someone/.cache/na64ana/spectra")
    monkeypatch.setenv("NA64ANA_CACHE", "off")
    assert cache_folder() is None


def test_there_is_an_end_to_it(folder, monkeypatch):
    monkeypatch.setattr(spectrum_cache, "MOST_BYTES", 5000)
    monkeypatch.setattr(spectrum_cache, "BETWEEN_LOOKS", 1)
    array = np.ones((2, 100))  # 1600 bytes, and a head
    (folder / "x").parent.mkdir(parents=True)
    (folder / "somebody else's").write_bytes(b"0" * 9000)
    for i in range(6):
        before = set(files(folder))
        kept((i,), lambda: array)
        (new,) = set(files(folder)) - before
        os.utime(new, (i, i))
    left = [path for path in files(folder) if path.suffix == ".spectrum"]
    assert sorted(int(path.stat().st_mtime) for path in left) == [3, 4, 5]
    assert len(files(folder)) == 4
