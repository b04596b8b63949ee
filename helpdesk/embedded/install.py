"""Make the virtual environment and install the pinned packages; run by `make` with the system's Python.

Only the standard library is used, and only syntax that an older Python 3 can still read, so that it can say what is
missing.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "installed")
LOG = os.path.join(VENV, "install.log")
NEEDED_MIB = 600

# What pip prints, and the sentence that helps.
CAUSES = (
    (
        ("No space left on device", "Errno 28", "Disk quota exceeded"),
        "The disk is full. Free about {} MB under {} and run the same command again.".format(NEEDED_MIB, ROOT),
    ),
    (
        (
            "Temporary failure in name resolution",
            "Name or service not known",
            "nodename nor servname",
            "Network is unreachable",
            "No route to host",
            "Connection refused",
            "ConnectTimeoutError",
            "NewConnectionError",
            "NameResolutionError",
            "ReadTimeoutError",
            "Cannot connect to proxy",
            "SSLError",
        ),
        "The packages could not be downloaded. Check the network and the proxy, then run the same command again.",
    ),
    (
        ("THESE PACKAGES DO NOT MATCH THE HASHES",),
        "A downloaded package differs from the pinned one and was refused. Clear the cache with `pip cache purge` "
        "and try again.",
    ),
    (
        ("Permission denied", "Read-only file system"),
        "{} cannot be written. Check who owns it, then run the same command again.".format(VENV),
    ),
    (
        ("No matching distribution found", "requires a different Python"),
        "A pinned package does not exist for this Python ({}) or this kind of machine, or the network is down. "
        "Python 3.11 to 3.13 on Linux or macOS are known to work.".format(".".join(map(str, sys.version_info[:3]))),
    ),
)


def fail(sentence):
    sys.stderr.write("\n" + sentence + "\n")
    sys.exit(1)


def fingerprint(files):
    """Return a digest of the interpreter and of all requirement FILES; the same digest means nothing to install."""
    digest = hashlib.sha256(repr((sys.version_info[:2], os.path.realpath(sys.executable), VENV)).encode())
    for name in files:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def installed():
    """Return the digests of what was installed already."""
    try:
        with open(STAMP) as file:
            return file.read().split()
    except OSError:
        return []


def make_venv():
    """Create `.venv` anew, or say what is missing to do so."""
    try:
        import ensurepip  # noqa: F401 - Debian keeps it in a package of its own
        import venv
    except ImportError:
        fail(
            "Python's venv module is missing. On Debian or Ubuntu install it with:\n\n"
            "    sudo apt install python3-venv\n\nthen run the same command again."
        )
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < NEEDED_MIB:
        fail("Only {} MB are free under {}; the packages need about {} MB.".format(free, ROOT, NEEDED_MIB))
    print("Making the virtual environment .venv ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        fail("The virtual environment {} could not be made: {}. Check free space and permissions.".format(VENV, error))


def pip_install(files):
    """Install FILES with their hashes; on failure print the end of the log and the sentence that fits."""
    command = [os.path.join(VENV, "bin", "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-input", "--progress-bar", "off"]
    for name in files:
        command += ["-r", os.path.join(ROOT, name)]
    print("Installing the pinned packages (about a minute the first time) ...", flush=True)
    with open(LOG, "w") as log:
        code = subprocess.call(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    if code:
        with open(LOG) as log:
            text = log.read()
        sys.stderr.write(text[-2000:])
        for marks, sentence in CAUSES:
            if any(mark in text for mark in marks):
                fail(sentence)
        fail("pip failed; the lines above say why. The whole log is {}.".format(LOG))


def main(files):
    if sys.version_info < (3, 11):
        fail(
            "Python 3.11 or newer is needed, {} is {}. Install a newer one and name it, for example: "
            "make run PYTHON=python3.12".format(sys.executable, ".".join(map(str, sys.version_info[:3])))
        )
    import fcntl

    try:
        lock = os.open(ROOT, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once wait for each other; the lock ends with this process
        wanted = fingerprint(files)
        have = installed()
        if wanted in have and os.path.exists(os.path.join(VENV, "bin", "python")):
            return
        base = fingerprint([])
        if base not in have or not os.path.exists(os.path.join(VENV, "bin", "python")):
            make_venv()
            have = [base]
        pip_install(files)
        with open(STAMP + ".new", "w") as file:
            file.write("\n".join([base, *(fingerprint(files[: n + 1]) for n in range(len(files)))]) + "\n")
        os.replace(STAMP + ".new", STAMP)
    except OSError as error:
        fail("{}: {}. Check free space and permissions under {}.".format(error.filename or VENV, error.strerror, ROOT))
    except KeyboardInterrupt:
        fail("Stopped. Run the same command again to go on.")


if __name__ == "__main__":
    main(sys.argv[1:])
