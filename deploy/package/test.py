"""Installs the package in a clean Debian by the runbook's steps alone, uses it, removes it. `make package-test`.

The container has booted with systemd and has no network but a cable to a second machine; the commands are those of
docs/operations/first-install.md. With LIKA_WRITE_DOCS=1 their answers are written into it."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/namespaces"))

from certificate import certificate  # noqa: E402
from container import Container, tree  # noqa: E402
from runbook import steps, with_answers  # noqa: E402
from two_machines import NAME, SERVER, TwoMachines  # noqa: E402

OPERATIONS = ROOT / "docs/operations"
RUNBOOK = OPERATIONS / "first-install.md"
# Carried out too, with the test's meeting in them; their answers differ from day to day and are not written down.
FURTHER = ["before-each-meeting.md", "when-it-goes-wrong.md", "update.md", "restore.md", "incident.md"]
# What update.md installs: the package with another version and another example of the configuration.
NEWER = "lika_0.2.0-1_amd64.deb"
# Paths that the runbooks name and the package, or its installation, must bring.
BROUGHT = re.compile(r"/usr/share/doc/lika(?:/[\w.-]+)*|/var/lib/lika-keys|/var/backups/lika")
# What an administrator copies from the package, under deploy/.
EXAMPLES = ["lika.example.toml", "systemd/*", "prometheus/*.yml", "identity/*", "coturn/*"]
LINK = re.compile(r"\]\(([^)#:]+\.md)")
# Where Debian is had from; not set: where debootstrap has it from.
MIRROR = os.environ.get("LIKA_DEBIAN_MIRROR")
RELEASE = os.environ.get("LIKA_DEBIAN_RELEASE", "bookworm")
# How many simulated delegates meet at the server that the runbook has installed.
DELEGATES = int(os.environ.get("LIKA_TEST_DELEGATES", "10"))
# Where the runbook's configuration has the metrics.
METRICS = "127.0.0.1:9464"
# What the doctor may find wrong in a container: its clock is the host's, and no time server can be reached from it.
NOT_IN_A_CONTAINER = {"clock"}
# What a hardened service may be exposed at most, in tenths (systemd-analyze security).
EXPOSURE = 20
REMOVAL = "Avinstallera"


def main():
    with tempfile.TemporaryDirectory() as brought, TwoMachines() as machines:
        bring(Path(brought))
        files = {"/mnt": brought}
        clean = tree(RELEASE, ROOT / "target/trees", MIRROR)
        with Container(clean, files, machines.server) as debian:
            debian.run("cp /mnt/*.deb /mnt/newer/*.deb /mnt/*.pem /root/ && cp /mnt/ca.crt /usr/local/share/ca-certificates/ && update-ca-certificates")
            debian.run(f"grep -q {NAME} /etc/hosts 2>/dev/null || echo '127.0.0.1 localhost\n192.0.2.10 {NAME}' >> /etc/hosts")
            text = RUNBOOK.read_text()
            blocks = list(steps(text))
            answers = carry_out(debian, [step for step in blocks if step.heading != REMOVAL])
            story("what the runbooks name is there", named, debian)
            story("the service is hardened, and its unit is right", hardened, debian)
            story("it runs under its restrictions", restricted, debian)
            story("the doctor finds nothing wrong with what the runbook has installed", well, debian)
            story("the doctor sees what the service may not read", doctored, debian)
            story("the second machine reaches it, and sends it sound and picture", attended, machines, brought, debian, answers)
            story(f"a council of {DELEGATES} on the second machine is approved", held, machines, brought, debian)
            story("a real Prometheus reads it, and answers what the dashboard asks", watched, machines, debian)
            story("killed, it is back by itself", killed, debian)
            story("a new version leaves the running one alone", upgraded, debian)
            story("a configuration that cannot be used is said and not tried again", misconfigured, debian)
            story("a data directory elsewhere says what it needs, and has it", elsewhere, debian)
            story("the keys of identities lie apart from the databases", keys_apart, debian)
            story("nothing is weeded until somebody has decided when", weeded, debian)
            for name in FURTHER:
                carry_out(debian, steps((OPERATIONS / name).read_text()))
            story("the update has left the configuration alone", updated, debian)
            story("root's commands have left no file of root's among the service's", nothing_of_roots, debian)
            answers += carry_out(debian, [step for step in blocks if step.heading == REMOVAL])
            story("what was removed leaves the data, purged too", purged, debian)
            story("installed again, it goes on", again, debian)
    if os.environ.get("LIKA_WRITE_DOCS"):
        RUNBOOK.write_text(with_answers(text, answers))
    print("package-test: every step passed")


def story(told, check, *things):
    print(f"package-test: {told}", flush=True)
    check(*things)


def carry_out(debian, blocks):
    """What the runbook says, in its order; each block of commands must succeed."""
    answers = []
    for step in blocks:
        print(f"package-test: {step.heading}", flush=True)
        if step.kind == "toml":
            debian.run(f"cd /root && cat > {step.file} <<'END'\n{step.text}END\n")
        else:
            answers.append((step, readable(debian.run(f"cd /root\n{step.text}"))))
    return answers


def readable(answer):
    """Without what the terminal alone is for."""
    noise = ("WARNING: apt does not have a stable", "debconf: ", "N: Download is performed unsandboxed", "(Reading database")
    lines = (line.rpartition("\r")[2].rstrip() for line in answer.splitlines())
    kept = "\n".join(line for line in lines if not line.startswith(noise))
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def named(debian):
    """Every path of a runbook or an example, and every document that a runbook links to, as they lie on the machine."""
    wanted = set()
    runbooks = sorted(OPERATIONS.glob("*.md"))
    examples = sorted(path for examples in EXAMPLES for path in (ROOT / "deploy").glob(examples) if path.is_file())
    assert len(examples) > 10, examples
    for document in runbooks + examples:
        text = document.read_text()
        assert not re.search(r"(?<![\w/])(?:deploy|docs)/\w", text), f"{document.name} names a path of the project's own"
        wanted |= {path.rstrip(".") for path in BROUGHT.findall(text)}
    for runbook in runbooks:
        wanted |= {f"/usr/share/doc/lika/operations/{link}" for link in LINK.findall(runbook.read_text())}
    assert len(wanted) > 20, wanted
    debian.run("\n".join(f"test -e {path} || {{ echo 'there is no {path}'; exit 1; }}" for path in sorted(wanted)))


def hardened(debian):
    helpers = "lika-backup.service lika-backup.timer lika-weed.service lika-weed.timer"
    debian.run(f"systemd-analyze verify lika.service {helpers}")
    debian.run(f"systemd-analyze security --no-pager --threshold={EXPOSURE} lika.service lika-backup.service lika-weed.service")
    debian.run("rm /etc/systemd/system/lika.service.d/port-443.conf && systemctl daemon-reload")
    exposure = debian.run(f"systemd-analyze security --no-pager --threshold={EXPOSURE} lika.service").splitlines()[-1]
    debian.run(
        "install -D -m 644 /usr/share/doc/lika/examples/port-443.conf /etc/systemd/system/lika.service.d/port-443.conf && systemctl daemon-reload"
    )
    print(f"    on port 8443: {exposure.strip('→ ')}")


def restricted(debian):
    status = debian.run("cat /proc/$(systemctl show --value --property=MainPID lika)/status")
    state = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert state["Seccomp"] == "2" and state["NoNewPrivs"] == "1", status
    assert state["Uid"].split()[0] != "0", status
    # The capability to bind ports below 1024, and no other.
    assert int(state["CapEff"], 16) == 1 << 10, status
    mode = debian.run("stat -c '%A %U %G' /var/lib/lika /var/lib/lika/evidence.key").split("\n")
    assert mode[0] == "drwx------ lika lika" and mode[1] == "-rw------- lika lika", mode


def well(debian):
    """Every check of doctor.md has been made, and none has failed but what a container explains."""
    found = [json.loads(line) for line in debian.run("lika doctor --json || true").splitlines() if line.startswith("{")]
    checks = set(re.findall(r"(?m)^\| `(\w+)` \|", (OPERATIONS / "doctor.md").read_text()))
    assert checks == {one["check"] for one in found}, found
    failed = [one for one in found if one["outcome"] == "failed" and one["check"] not in NOT_IN_A_CONTAINER]
    assert not failed, failed


def doctored(debian):
    """Root may read a key that the service may not."""
    asked = "lika doctor --json | grep key.pem || true"
    assert '"failed"' not in debian.run(asked)
    said = debian.run(f"chmod 600 /etc/lika/key.pem; {asked}; chmod 640 /etc/lika/key.pem")
    assert '"failed"' in said and "chgrp lika" in said, said


def attended(machines, brought, debian, answers):
    """The chair of the runbook's meeting comes from the second machine and stays until the journal has been signed."""
    convened = next(answer for _, answer in answers if '"invitation"' in answer)
    chair = json.loads(convened)["invitations"][0]["invitation"]
    subprocess.run(["dpkg-deb", "-x", *Path(brought).glob("lika-loadtests_*.deb"), f"{brought}/loadtests"], check=True)
    join = [f"{brought}/loadtests/usr/bin/lika-loadtests", "join", "--json", "--ca", f"{brought}/ca.crt", "--invitation", chair]
    join = machines.client_command([*join, "--server", f"https://{NAME}"])
    with subprocess.Popen(join, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as delegate:
        try:
            assert any(json.loads(line)["state"] == "media-up" for line in delegate.stdout), "no sound and picture"
            checkpoint = signed(debian)
            delegate.communicate("quit\n")
        finally:
            delegate.kill()
    assert delegate.returncode == 0, delegate.returncode
    # The clock is asked with adjtimex, which many hardened services are denied.
    assert checkpoint["synchronised"] != "unknown", "adjtimex is denied"
    print(f"    the clock, as the journal has it: synchronised {checkpoint['synchronised']}")


def held(machines, brought, debian):
    """A load test as docs/load-tests.md has it, with a token of the runbooks' kind."""
    said = debian.run("lika token create --name provet --scope loadtest 2>/dev/null")
    token = Path(brought, "loadtest.token")
    token.touch(mode=0o600)
    token.write_text(said.strip())
    council = [f"{brought}/loadtests/usr/bin/lika-loadtests", "council", "--server", f"https://{NAME}", "--ca", f"{brought}/ca.crt"]
    council += ["--token-file", token, "--delegates", DELEGATES, "--minutes", 2, "--light-pictures", "--json"]
    done = subprocess.run(machines.client_command(map(str, council)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[:2000]}\n{done.stderr[-2000:]}"
    print(f"    {json.loads(done.stdout)['verdict']}")
    debian.run("lika token revoke provet")


def watched(machines, debian):
    # When the last backup was made is watched too.
    debian.run("systemctl start lika-backup")
    test = machines.server_command([ROOT / "deploy/prometheus/test", "--running", f"https://{SERVER}", METRICS])
    done = subprocess.run(test, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    print(f"    {done.stdout.splitlines()[-1]}")


def signed(debian):
    """The meeting's first checkpoint, which is there within a minute."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        export = debian.run("runuser -u lika -- lika meeting export --config /etc/lika/lika.toml --without-samples 1 | zcat")
        for line in export.splitlines():
            if line.startswith('{"checkpoint"'):
                return json.loads(line)["checkpoint"]
        time.sleep(1)
    raise AssertionError("the journal has not been signed in two minutes")


def killed(debian):
    before = main_process(debian)
    debian.run(f"kill -9 {before}")
    debian.run(f"curl --silent --fail --retry 60 --retry-connrefused --retry-delay 1 https://{NAME}/readyz")
    assert main_process(debian) != before


def main_process(debian):
    return debian.run("systemctl show --value --property=MainPID lika").strip()


def upgraded(debian):
    """To the same version; what the package's scripts do is the same."""
    before = main_process(debian)
    said = debian.run(f"apt-get install --reinstall --yes {installed(debian)}")
    assert "systemctl restart lika" in said, said
    assert main_process(debian) == before
    debian.run("systemctl reload lika && systemctl restart lika")
    assert main_process(debian) != before


def installed(debian):
    """The package's file in the version that is installed."""
    return f"/root/lika_{version(debian)}_amd64.deb"


def version(debian):
    return debian.run("dpkg-query --show --showformat='${Version}' lika")


def misconfigured(debian):
    debian.run("cp /etc/lika/lika.toml /root/good.toml && sed -i s/public_ips/public_ip/ /etc/lika/lika.toml && systemctl stop lika")
    debian.run("systemctl start lika", fails=True)
    said = debian.run("systemctl show --property=ActiveState,ExecMainStatus,NRestarts lika; journalctl -u lika -n 5")
    assert "ActiveState=failed" in said and "ExecMainStatus=78" in said and "public_ip" in said, said
    debian.run("cp /root/good.toml /etc/lika/lika.toml && systemctl reset-failed lika && systemctl start lika")


def elsewhere(debian):
    """`storage.data_dir` on another disk: what the error says is done, for the service and for its backup."""
    place = "/srv/lika"
    configured = f"printf '[storage]\\ndata_dir = \"{place}\"\\n' | cat /root/good.toml - > /etc/lika/lika.toml"
    debian.run(f"install -d -m 700 -o lika -g lika {place} && {configured} && systemctl stop lika")
    debian.run("systemctl start lika", fails=True)
    said = debian.run("systemctl show --property=ActiveState,ExecMainStatus lika; journalctl -u lika -n 5")
    assert "ActiveState=failed" in said and "ExecMainStatus=78" in said and f"ReadWritePaths={place}" in said, said
    for unit in ("lika", "lika-backup"):
        edited = f"/etc/systemd/system/{unit}.service.d"
        debian.run(f"mkdir -p {edited} && printf '[Service]\\nReadWritePaths={place}\\n' > {edited}/elsewhere.conf")
    debian.run("systemctl daemon-reload && systemctl reset-failed lika && systemctl start lika && systemctl start lika-backup")
    debian.run(f"test -s {place}/journal.sqlite && test -s {place}/latest-backup")
    # As it was, for what comes after: a backup of a server without meetings is not the newest of one that has some.
    debian.run("systemctl stop lika && rm /etc/systemd/system/lika*.service.d/elsewhere.conf && systemctl daemon-reload")
    debian.run("rm \"$(ls /var/backups/lika/lika-*.tar.gz | tail -n 1)\" && cp /root/good.toml /etc/lika/lika.toml && systemctl start lika")


def keys_apart(debian):
    """`identity.key_file` as the example has it; in /etc/lika, where the service may not write, it is said and not tried again."""
    with_key_file = "sed 's|^\\[identity\\]|&\\nkey_file = \"{}/roster.key\"|' /root/good.toml > /etc/lika/lika.toml"
    debian.run(with_key_file.format("/etc/lika") + " && systemctl stop lika")
    debian.run("systemctl start lika", fails=True)
    said = debian.run("systemctl show --property=ActiveState,ExecMainStatus lika; journalctl -u lika -n 5")
    assert "ActiveState=failed" in said and "ExecMainStatus=78" in said and "identity.key_file" in said, said
    debian.run("systemctl reset-failed lika && mv /var/lib/lika/roster.key /var/lib/lika-keys/")
    debian.run(with_key_file.format("/var/lib/lika-keys") + " && systemctl start lika")
    debian.run("runuser -u lika -- lika identity rotate-key && systemctl restart lika && test ! -e /var/lib/lika/roster.key")
    keys = debian.run("stat -c '%A %U' /var/lib/lika-keys/roster.key; wc -l < /var/lib/lika-keys/roster.key").split("\n")
    assert keys[:2] == ["-rw------- lika", "2"], keys
    debian.run("systemctl stop lika && mv /var/lib/lika-keys/roster.key /var/lib/lika/ && cp /root/good.toml /etc/lika/lika.toml")
    debian.run("systemctl start lika")


def weeded(debian):
    """Without numbers it fails; with them of the meeting just held everything stays. update.md writes them anew."""
    debian.run("systemctl start lika-weed", fails=True)
    said = debian.run("journalctl -u lika-weed -n 20 -o cat; systemctl reset-failed lika-weed")
    assert "--older-than" in said and "raderas" not in said, said
    debian.run("install -d /etc/systemd/system/lika-weed.service.d")
    debian.run(
        "printf '[Service]\nEnvironment=IDENTITIES_DAYS=90 SAMPLES_DAYS=90\n' > /etc/systemd/system/lika-weed.service.d/override.conf"
    )
    debian.run("systemctl daemon-reload && systemctl start lika-weed && ls /var/lib/lika/samples/*/*")


def updated(debian):
    """update.md has installed the newer version, whose example of the configuration is another."""
    assert NEWER == Path(installed(debian)).name, version(debian)
    debian.run("cmp /root/good.toml /etc/lika/lika.toml && grep -q '^# Another line' /usr/share/doc/lika/examples/lika.example.toml")
    assert "lika.toml" not in debian.run("dpkg-query --show --showformat='${Conffiles}' lika")


def nothing_of_roots(debian):
    debian.run("lika meeting list && lika token create --name prov --scope meetings:read && lika token revoke prov")
    strange = debian.run("find /var/lib/lika /var/lib/lika-keys /var/backups/lika ! -user lika")
    assert not strange, strange
    assert "systemctl start lika" in debian.run("lika serve", fails=True)
    assert debian.run("ls /var/backups/lika/lika-*.tar.gz"), "restore.md has made backups"


def purged(debian):
    debian.run("test -s /var/lib/lika/journal.sqlite && test -s /var/lib/lika/evidence.key && test ! -e /usr/bin/lika")
    for timer in ("lika-backup.timer", "lika-weed.timer"):
        debian.run(f"systemctl is-active {timer}", fails=True)
    said = debian.run("apt-get purge --yes lika")
    assert "/var/lib/lika" in said, said
    debian.run("test -s /var/lib/lika/journal.sqlite && test -s /etc/lika/key.pem && getent passwd lika && test ! -e /etc/lika/lika.toml")
    debian.run("ls /var/backups/lika/lika-*.tar.gz")


def again(debian):
    debian.run(f"apt-get install --yes /root/{NEWER} && test -s /etc/lika/lika.toml && cp /root/good.toml /etc/lika/lika.toml && systemctl start lika")
    debian.run("systemctl enable --now lika-backup.timer && systemctl is-active lika-backup.timer")
    listed = debian.run("runuser -u lika -- lika meeting list --config /etc/lika/lika.toml")
    assert re.search(r"Provnämnden|Prov", listed), listed


def bring(folder):
    """The packages, and a certificate for the name from an authority that the container trusts."""
    packages = sorted((ROOT / "target/debian").glob("*.deb"))
    assert len(packages) == 2, f"two packages expected in target/debian, there are {packages}; run make package"
    for package in packages:
        (folder / package.name).write_bytes(package.read_bytes())
    (folder / "newer").mkdir()
    newer(next(folder.glob("lika_*.deb")), folder / "newer" / NEWER)
    certificate(folder, NAME)


def newer(package, made):
    """The package as a newer version would be: its number, and a line in every example of the configuration."""
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder, "package")
        subprocess.run(["dpkg-deb", "--raw-extract", package, unpacked], check=True)
        control = unpacked / "DEBIAN/control"
        number = NEWER.split("_")[1]
        control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {number}", control.read_text()))
        (unpacked / "DEBIAN/md5sums").unlink(missing_ok=True)
        examples = [*unpacked.rglob("lika.example.toml"), *unpacked.rglob("lika.toml")]
        assert examples, "the package has no example of the configuration"
        for example in examples:
            example.write_text("# Another line, as a new version may have.\n" + example.read_text())
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", unpacked, made], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
