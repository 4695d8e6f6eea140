"""Runs `lika serve` on one machine and a load test on another: two network namespaces with a cable between them. Needs root.

    python3 deploy/namespaces/run.py --loss 3 -- \\
        lika-loadtests council --server {server} --ca {ca} --token-file {token} --delegates 40 --minutes 10
    python3 deploy/namespaces/run.py --no-udp -- lika-loadtests council ... --delegates 40 --impair office-udp-blocked --impaired 40
    python3 deploy/namespaces/run.py --delegates 5 -- lika-loadtests join --server {server} --ca {ca} --invitations-file {invitations}

In the command, {server}, {ca}, {token}, {invitations} and {metrics} stand for what the test needs. Ends as the command ends; the
server's log is in target/two-machines/server.log.

Simulated delegates do not try TCP by themselves, as a browser does: with --no-udp they need --impair office-udp-blocked as well. The
firewall then makes sure that nothing goes by UDP."""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/package"))

from certificate import certificate  # noqa: E402
from two_machines import NAME, SERVER, TwoMachines  # noqa: E402

PORT = 8443
METRICS = f"{SERVER}:9464"
LOG = ROOT / "target/two-machines/server.log"


def main():
    arguments = parse()
    with tempfile.TemporaryDirectory() as folder, TwoMachines() as machines:
        with serving(Path(folder), machines, arguments.programs) as places:
            if arguments.delegates:
                places["invitations"] = convene(Path(folder), machines, arguments.delegates)
            # What is wrong with the line begins when the test does.
            if arguments.loss:
                machines.lose(arguments.loss)
            if arguments.no_udp:
                machines.block_udp()
            command = [part.format(**places) for part in arguments.command]
            path = f"{arguments.programs}:{os.environ['PATH']}"
            done = subprocess.run(machines.client_command(command), env={**os.environ, "PATH": path}, check=False)
    return done.returncode


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loss", type=float, default=0, metavar="PERCENT", help="packets lost, each way")
    parser.add_argument("--no-udp", action="store_true", help="a firewall at the delegates' that drops UDP")
    parser.add_argument("--delegates", type=int, default=0, help="convene a meeting of so many; their links are {invitations}")
    parser.add_argument("--programs", type=Path, default=ROOT / "target/release", help="where lika and lika-loadtests are")
    parser.add_argument("command", nargs="+", help="what runs on the delegates' machine, after --")
    return parser.parse_args()


@contextmanager
def serving(folder, machines, programs):
    """The server, ready; told to stop at the end."""
    certificate(folder, NAME)
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(secrets.token_urlsafe(32))
    configuration = folder / "lika.toml"
    configuration.write_text(settings(folder, token, programs))
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w") as log:
        serve = machines.server_command([programs / "lika", "serve", "--config", configuration])
        server = subprocess.Popen(serve, stderr=log, stdin=subprocess.DEVNULL)
        try:
            address = f"https://{NAME}:{PORT}"
            wait = ["curl", "--silent", "--fail", "--retry", "60", "--retry-connrefused", "--retry-delay", "1"]
            ready(machines.client_command([*wait, "--cacert", folder / "ca.crt", f"{address}/readyz"]))
            yield {"server": address, "ca": folder / "ca.crt", "token": token, "metrics": f"http://{METRICS}/metrics"}
        finally:
            server.terminate()
            server.wait()


def ready(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.stdout != "ready\n":
        sys.exit(f"the server is not ready; {LOG} says why:\n{LOG.read_text()}")


def settings(folder, token, programs):
    """The least that a server needs; its metrics are for the other machine here, if it has any."""
    known = subprocess.run([programs / "lika", "config", "example"], capture_output=True, text=True, check=True).stdout
    metrics = f'[metrics]\nlisten = "{METRICS}"\n' if "[metrics]" in known else ""
    return f"""
[server]
listen = "0.0.0.0:{PORT}"
public_url = "https://{NAME}:{PORT}"
[server.tls]
cert_file = "{folder}/fullchain.pem"
key_file = "{folder}/privkey.pem"
[media]
public_ips = ["{SERVER}"]
[storage]
data_dir = "{folder}/data"
[identity]
admin_token_file = "{token}"
{metrics}"""


def convene(folder, machines, delegates):
    """A meeting of a chair and members; the file with their links."""
    people = "".join(
        f'[[participant]]\nrole = "{"chair" if n == 1 else "member"}"\nname = "{"Ordförande" if n == 1 else f"Ledamot {n}"}"\nmandate = {n}\n'
        for n in range(1, delegates + 1)
    )
    roster = f'title = "Prov"\nbody = "Provnämnden"\n{people}'
    ask = ["curl", "--silent", "--show-error", "--fail", "--cacert", folder / "ca.crt", "--data-binary", "@-"]
    ask += ["--header", "Content-Type: application/toml"]
    ask += ["--header", f"Authorization: Bearer {(folder / 'token').read_text()}", f"https://{NAME}:{PORT}/api/meetings"]
    done = subprocess.run(machines.client_command(ask), input=roster, capture_output=True, text=True, check=True)
    links = folder / "invitations"
    links.write_text("\n".join(one["invitation"] for one in json.loads(done.stdout)["invitations"]) + "\n")
    return links


if __name__ == "__main__":
    sys.exit(main())
