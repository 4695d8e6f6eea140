"""Runs the image as deploy/container/README.md says: read only, as a user of its own, without capabilities. `make container-test`.

Needs root, podman and runc or crun. Where the machine cannot run containers it says so and fails."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "deploy/namespaces"), str(ROOT / "deploy/package")]

from certificate import certificate  # noqa: E402
from two_machines import NAME, SERVER, TwoMachines  # noqa: E402

VERSION = next(line.split('"')[1] for line in Path(ROOT, "Cargo.toml").read_text().splitlines() if line.startswith("version = "))
IMAGE = f"localhost/lika:{VERSION}"
USER = 10000
PODMAN = ["podman", *(["--runtime", os.environ["LIKA_OCI_RUNTIME"]] if "LIKA_OCI_RUNTIME" in os.environ else [])]
CONFIGURATION = f"""
[server]
listen = "0.0.0.0:8443"
public_url = "https://{NAME}:8443"

[server.tls]
cert_file = "/etc/lika/fullchain.pem"
key_file = "/etc/lika/privkey.pem"

[media]
public_ips = ["{SERVER}"]
"""


def main():
    if subprocess.run([*PODMAN, "image", "exists", IMAGE], check=False).returncode != 0:
        sys.exit(f"container-test: there is no {IMAGE}; buildah, which makes it, is here now: make container")
    name = f"lika-test-{os.getpid()}"
    with tempfile.TemporaryDirectory() as folder, TwoMachines() as machines:
        etc, data = Path(folder, "etc"), Path(folder, "data")
        prepare(etc, data)
        Path(folder).chmod(0o755)
        podman(
            *["run", "--pull=never", "--detach", "--name", name, "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"],
            *[f"--network=ns:/run/netns/{machines.server}", "--ulimit=nofile=16384:16384", "--ulimit=nproc=4096:4096"],
            *[f"--volume={etc}:/etc/lika:ro", f"--volume={data}:/var/lib/lika", IMAGE],
        )
        try:
            answers(machines, etc)
            confined(name, data)
            ends(name)
        except BaseException:
            subprocess.run([*PODMAN, "logs", name], check=False)
            raise
        finally:
            subprocess.run([*PODMAN, "rm", "--force", name], check=False, capture_output=True)
    print("container-test: every step passed")


def prepare(etc, data):
    etc.mkdir()
    data.mkdir(mode=0o700)
    certificate(etc, NAME)
    (etc / "lika.toml").write_text(CONFIGURATION)
    for path in (data, etc / "privkey.pem"):
        os.chown(path, USER, USER)


def answers(machines, etc):
    """From the other machine, as soon as it listens."""
    asked = ["curl", "--silent", "--fail", "--retry", "60", "--retry-connrefused", "--retry-delay", "1"]
    said = run(*machines.client_command([*asked, "--cacert", etc / "ca.crt", f"https://{NAME}:8443/readyz"]))
    assert said == "ready\n", said
    print("container-test: it answers the other machine")


def confined(name, data):
    process = json.loads(podman("inspect", name))[0]["State"]["Pid"]
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines() if ":\t" in line)
    assert status["Uid"].split() == [str(USER)] * 4, status["Uid"]
    assert int(status["CapEff"], 16) == 0 and int(status["CapBnd"], 16) == 0 and status["NoNewPrivs"] == "1", status
    assert status["Seccomp"] == "2", status
    mounts = [line.split() for line in Path(f"/proc/{process}/mountinfo").read_text().splitlines()]
    root = next(fields for fields in mounts if fields[4] == "/")
    assert "ro" in root[5].split(","), root
    assert (data / "journal.sqlite").stat().st_uid == USER
    assert subprocess.run([*PODMAN, "exec", name, "/bin/sh", "-c", "true"], check=False, capture_output=True).returncode != 0
    podman("exec", name, "/usr/bin/lika", "config", "check", "--config", "/etc/lika/lika.toml")
    podman("exec", name, "/usr/bin/lika", "meeting", "list", "--config", "/etc/lika/lika.toml")
    print("container-test: user 10000, read only, no capabilities, no shell")


def ends(name):
    podman("stop", "--time", "30", name)
    state = json.loads(podman("inspect", name))[0]["State"]
    assert state["ExitCode"] == 0, state
    print("container-test: told to stop, it ends by itself")


def podman(*arguments):
    return run(*PODMAN, *map(str, arguments))


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
