"""Two machines on one: network namespaces joined by a cable, the server's and the delegates'. Needs root, iproute2, nftables and
ethtool. The cable has no way to any other network.

    with TwoMachines() as machines:
        machines.lose(3)
        subprocess.run(machines.client_command(["curl", "https://lika.example.se/healthz"]))
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

NAME = "lika.example.se"
# Of the block that RFC 5737 keeps for examples: it is routed nowhere.
SERVER = "192.0.2.10"
CLIENT = "192.0.2.20"
PORT = "eth0"

LOSS = """
table netdev line {
    chain in { type filter hook ingress device %s priority 0; meta protocol ip numgen random mod 1000 < %d drop; }
}
"""
FIREWALL = """
table netdev firewall {
    chain in { type filter hook ingress device %s priority 1; meta protocol ip meta l4proto udp drop; }
}
"""


class TwoMachines:
    """Namespaces, cable and names; everything goes again at the end of `with`."""

    def __init__(self):
        self.server = f"lika-server-{os.getpid()}"
        self.client = f"lika-client-{os.getpid()}"

    def __enter__(self):
        # Told to stop, the machines go too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            self._lay()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in (self.server, self.client):
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL, check=False)
            shutil.rmtree(_names(name), ignore_errors=True)

    def lose(self, percent):
        """Loses so many percent of the packets each way, at random. By nftables: not every kernel has netem."""
        rules = LOSS % (PORT, round(percent * 10))
        for name in (self.server, self.client):
            self._rules(name, rules)

    def block_udp(self):
        """A firewall on the way that lets TCP through and says nothing of what it drops."""
        for name in (self.server, self.client):
            self._rules(name, FIREWALL % PORT)

    def server_command(self, command):
        """The command line that runs there. With files of its own in /etc/netns it sees them as /etc (ip-netns(8))."""
        return ["ip", "netns", "exec", self.server, *map(str, command)]

    def client_command(self, command):
        return ["ip", "netns", "exec", self.client, *map(str, command)]

    def _lay(self):
        for name in (self.server, self.client):
            _run("ip", "netns", "add", name)
            _names(name).mkdir(parents=True)
            (_names(name) / "hosts").write_text(f"127.0.0.1 localhost\n{SERVER} {NAME}\n")
        _run("ip", "-n", self.server, "link", "add", PORT, "type", "veth", "peer", "name", PORT, "netns", self.client)
        for name, address, other in ((self.server, SERVER, CLIENT), (self.client, CLIENT, SERVER)):
            # Packets that the kernel would cut up later would be lost many at a time.
            _run("ip", "netns", "exec", name, "ethtool", "-K", PORT, "tx", "off", "tso", "off", "gso", "off", "gro", "off")
            _run("ip", "-n", name, "address", "add", f"{address}/24", "dev", PORT)
            for link in ("lo", PORT):
                _run("ip", "-n", name, "link", "set", link, "up")
            # As every machine has one: without it, joining a multicast group fails. The other end forwards nothing.
            _run("ip", "-n", name, "route", "add", "default", "via", other)

    def _rules(self, name, rules):
        _run("ip", "netns", "exec", name, "nft", "-f", "-", told=rules)


def _names(namespace):
    return Path("/etc/netns") / namespace


def _run(*command, told=None):
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
