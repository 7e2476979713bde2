"""INPUT arguments: files, globs, folders, lists, and what is refused."""

import pytest

from na64ana.errors import InputError
from na64ana.events import expand


@pytest.fixture
def folder(tmp_path):
    for name in ("run2.root", "run1.root", "notes.txt", "table.parquet"):
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    return tmp_path


def names(files):
    return [file.rpartition("/")[2] for file in files]


def test_a_file_stands_for_itself(folder):
    assert expand([folder / "run2.root"]) == [str(folder / "run2.root")]


def test_a_folder_stands_for_its_root_and_parquet_files_by_name(folder):
    assert names(expand([folder])) == ["run1.root", "run2.root", "table.parquet"]


def test_a_glob_stands_for_what_matches(folder):
    assert names(expand([f"{folder}/run*.root"])) == ["run1.root", "run2.root"]


def test_a_file_with_the_characters_of_a_glob_in_its_name(folder):
    (folder / "run[3].root").touch()
    assert names(expand([folder / "run[3].root"])) == ["run[3].root"]


def test_a_list_names_files_beside_it(folder):
    (folder / "list.txt").write_text("# two runs\nrun1.root\n\nrun2.root  # the second\n")
    assert names(expand([f"@{folder}/list.txt"])) == ["run1.root", "run2.root"]


def test_urls_are_left_alone():
    urls = ["root://eos.example//run1.root", "https://example.org/a%2Ab.root?part=*"]
    assert expand(urls) == urls


@pytest.mark.parametrize(
    ("give", "words"),
    [
        ([], "no input files were given"),
        (["{}/run3.root"], r"run3\.root: no such file; did you mean 'run2\.root'\?"),
        (["{}/nowhere/a.root"], "there is no folder"),
        (["{}/*.rot"], r"\*\.rot: no file matches"),
        (["{}/empty"], r"no \.root or \.parquet file in this folder \(it holds nothing\)"),
        (["{}/run1.root", "{}/run1.root"], "given twice"),
        (["{}/run1.root", "{}"], "given twice"),
        (["@{}/nolist.txt"], "nolist.txt: No such file"),
        ([""], "is no file"),
        (["a\0b"], r"'a\\x00b' is no file"),
    ],
)
def test_what_is_refused_is_named(folder, give, words):
    with pytest.raises(InputError, match=words):
        expand([item.format(folder) for item in give])


def test_the_same_file_by_a_link_is_given_twice(folder):
    (folder / "link.root").symlink_to(folder / "run1.root")
    with pytest.raises(InputError, match=r"link\.root: given twice \(also as .*run1\.root\)"):
        expand([folder / "run1.root", folder / "link.root"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the list is empty"),
        (b"run1.root\n\nrun9.root\n", r"list\.txt, line 3: .*run9\.root: no such file"),
        (b"@list.txt\n", "line 1: a list may not name another list"),
        (b"\xff\xfe", "not text"),
    ],
)
def test_a_bad_list_is_refused_with_its_line(folder, content, words):
    (folder / "list.txt").write_bytes(content)
    with pytest.raises(InputError, match=words):
        expand([f"@{folder}/list.txt"])
