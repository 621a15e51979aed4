"""Where the game is searched for, on each system, and how it is started."""

import pytest

from axone.errors import ResourceError
from axone.play.sc2 import installation
from axone.play.sc2.installation import BINARIES, find_installation, list_folders


@pytest.mark.parametrize("system", BINARIES)
def test_the_latest_build_of_the_folder_that_the_variable_names(system, tmp_path):
    for build in ("Base9", "Base75689", "Base80000", "Basement"):
        binary = tmp_path / "Versions" / build / BINARIES[system]
        binary.parent.mkdir(parents=True)
        if build != "Base80000":  # without the binary
            binary.touch()
    installed = find_installation(system, {"SC2PATH": str(tmp_path)})
    assert installed.binary == tmp_path / "Versions" / "Base75689" / BINARIES[system]
    command = installed.command(5000, tmp_path / "temporary")
    assert command[:7] == [str(installed.binary), "-listen", "127.0.0.1", "-port", "5000", "-displayMode", "0"]
    assert ("-windowwidth" in command) == (system != "Linux")
    libraries = installed.environment({"LD_LIBRARY_PATH": "/a"}).get("LD_LIBRARY_PATH")
    assert libraries == (f"/a:{tmp_path / 'Libs'}" if system == "Linux" else "/a")


def test_the_record_of_the_last_execution(monkeypatch, tmp_path):
    record = tmp_path / "ExecuteInfo.txt"
    record.write_bytes(b"executable = D:\\Games\\StarCraft II\\Versions\\Base1\\SC2_x64.exe\0")
    monkeypatch.setitem(installation.RECORDS, "Windows", str(record))
    assert list_folders("Windows", {})[0].as_posix() == "D:/Games/StarCraft II"


@pytest.mark.parametrize(
    ("system", "variables", "parts"),
    [
        ("Linux", {}, ["StarCraftII", "s2client-proto", "export SC2PATH=FOLDER", "SC2_x64"]),
        ("Darwin", {}, ["/Applications/StarCraft II", "export SC2PATH=FOLDER", "SC2.app"]),
        ("Windows", {}, ["Program Files (x86)", '$env:SC2PATH = "FOLDER"', "SC2_x64.exe"]),
        ("Linux", {"SC2PATH": "/nowhere/at/all"}, ["environment variable SC2PATH", "/nowhere/at/all"]),
    ],
)
def test_the_error_names_the_folders_and_what_to_type(monkeypatch, tmp_path, system, variables, parts):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ResourceError) as caught:
        find_installation(system, variables)
    assert caught.value.exit_code == 5 and all(part in str(caught.value) for part in parts)
