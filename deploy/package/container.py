"""A clean Debian that has booted: systemd in a container of its own, from a tree that debootstrap made, which stays as it was.

Needs root and Debian's debootstrap and systemd-container."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

# What a Debian server that is installed from its CD has beyond debootstrap's minimum and lika's package may meet.
EXTRA = ["systemd", "systemd-sysv", "systemd-timesyncd", "dbus", "ca-certificates", "curl", "openssl", "procps", "iproute2"]
# Booting takes seconds; on a machine that builds at the same time, more.
PATIENCE_S = 180


def tree(release, folder, mirror):
    """The tree of a Debian release, made at the first call."""
    made = folder / release
    if not (made / ".complete").exists():
        shutil.rmtree(made, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        packages = "--include=" + ",".join(EXTRA)
        asked = ["debootstrap", "--variant=minbase", packages, release, made] + ([mirror] if mirror else [])
        subprocess.run(asked, check=True)
        (made / ".complete").touch()
    return made


class Container:
    """Boots at the beginning of `with`; what was written in it is gone at the end."""

    def __init__(self, tree, files, namespace=None):
        """`files`: paths in the container and the folders outside that are seen there, read only. `namespace`: the network
        namespace it lives in; without one it has the loopback alone."""
        network = f"--network-namespace-path=/run/netns/{namespace}" if namespace else "--private-network"
        binds = [f"--bind-ro={outside}:{inside}" for inside, outside in files.items()]
        self._command = [
            *["systemd-nspawn", "--quiet", f"--directory={tree}", "--volatile=overlay", "--register=no", "--keep-unit"],
            # Of itself a container may not even ask for the state of the clock; a machine may.
            *["--system-call-filter=adjtimex clock_adjtime", "--boot", "--notify-ready=yes", "--hostname=lika", "--resolv-conf=off", network, *binds],
        ]

    def __enter__(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            path = Path(folder, "notify")
            told.bind(str(path))
            told.settimeout(PATIENCE_S)
            self._nspawn = subprocess.Popen(
                self._command,
                env={**os.environ, "NOTIFY_SOCKET": str(path)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            try:
                self._leader = _booted(told)
            except BaseException:
                self._nspawn.terminate()
                raise
        return self

    def __exit__(self, *_):
        self._nspawn.terminate()
        self._nspawn.wait()

    def run(self, script, fails=False):
        """Runs a shell script inside, as root, and returns what it says. Asked whether to go on, it is told yes. It must succeed,
        or fail."""
        inside = ["nsenter", f"--target={self._leader}", "--all", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        done = subprocess.run(
            [*inside, "LANG=C.UTF-8", "HOME=/root", "SYSTEMD_PAGER=", "sh", "-euc", script],
            input="y\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if (done.returncode != 0) != fails:
            raise AssertionError(f"{script}\nended with {done.returncode}:\n{done.stdout}")
        return done.stdout


def _booted(told):
    """nspawn tells its first process' id, and passes on that the system inside is up (sd_notify(3))."""
    leader = None
    while True:
        states = dict(line.partition("=")[::2] for line in told.recv(4096).decode().splitlines())
        leader = states.get("X_NSPAWN_LEADER_PID", leader)
        if states.get("READY") == "1" and leader:
            return leader
