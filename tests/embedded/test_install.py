"""`make install` says in a sentence what a machine lacks."""

import shutil
import subprocess
import sys

import pytest

from helpdesk.embedded import install
from tests.embedded.running import ROOT


@pytest.fixture
def fresh(tmp_path):
    """A source tree with the installer and two requirement files, none of which needs the network."""
    (tmp_path / "helpdesk" / "embedded").mkdir(parents=True)
    shutil.copy(ROOT / "helpdesk" / "embedded" / "install.py", tmp_path / "helpdesk" / "embedded")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def run(tree, *files: str, **env: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(tree / "helpdesk" / "embedded" / "install.py"), *files]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", **env})


def test_a_second_install_has_nothing_to_do_until_the_requirements_change(fresh):
    assert "pinned packages" in run(fresh, "requirements.txt").stdout
    again = run(fresh, "requirements.txt")
    assert (again.returncode, again.stdout) == (0, "")
    (fresh / "requirements.txt").write_text("# still nothing\n")
    changed = run(fresh, "requirements.txt").stdout
    assert "pinned packages" in changed and "virtual environment" not in changed


def test_no_network_is_said_in_a_sentence(fresh):
    (fresh / "requirements.txt").write_text(f"Django==5.2.19 --hash=sha256:{'0' * 64}\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": "/dev/null"}
    done = run(fresh, "requirements.txt", **nowhere)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("Check the network and the proxy, then run the same command again.")


def test_a_full_disk_is_said_in_a_sentence(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(install, "VENV", str(tmp_path))
    monkeypatch.setattr(install, "LOG", str(tmp_path / "install.log"))

    def full(command, **streams):
        streams["stdout"].write("ERROR: Could not install packages: [Errno 28] No space left on device\n")
        return 1

    monkeypatch.setattr(install.subprocess, "call", full)
    with pytest.raises(SystemExit):
        install.pip_install(["requirements.txt"])
    assert "The disk is full." in capsys.readouterr().err


def test_an_old_python_is_told_what_to_do(capsys, monkeypatch):
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit):
        install.main(["requirements.txt"])
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err
