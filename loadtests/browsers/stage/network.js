// Several hosts on one machine: network namespaces on a bridge. The server is at the bridge's own address; a browser
// may run on a host of its own, whose cable can be cut. Needs root.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DELAY = join(dirname(fileURLToPath(import.meta.url)), 'delay.py');

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const tc = (...args) => execFileSync('tc', args, { stdio: ['ignore', 'pipe', 'pipe'] });

export class Network {
  hosts = [];
  #folder = mkdtempSync(join(tmpdir(), 'lika-network-'));
  // Interface names are at most 15 characters; the process id keeps runs apart.
  #tag = `lk${process.pid % 100_000}`;

  /**
   * Lays the bridge; the server's address is `address`. All hosts are made here, before any browser starts: a browser
   * drops what it is loading when an interface comes or changes; so none makes itself an IPv6 address later on either.
   */
  constructor(hosts) {
    const subnet = `10.77.${process.pid % 250}`;
    this.address = `${subnet}.1`;
    ip('link', 'add', this.#tag, 'type', 'bridge');
    ip('link', 'set', this.#tag, 'addrgenmode', 'none');
    ip('addr', 'add', `${this.address}/24`, 'dev', this.#tag);
    ip('link', 'set', this.#tag, 'up');
    for (let number = 2; number < hosts + 2; number++) {
      this.hosts.push(new Host(`${this.#tag}h${number}`, `${subnet}.${number}`, this.address, this.#tag, this.#folder));
    }
  }

  close() {
    for (const host of this.hosts) host.close();
    ip('link', 'del', this.#tag);
    rmSync(this.#folder, { recursive: true });
  }
}

class Host {
  #delaying;

  constructor(name, address, gateway, bridge, folder) {
    this.name = name;
    this.address = address;
    this.gateway = gateway;
    this.folder = folder;
    ip('netns', 'add', name);
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('link', 'set', name, 'addrgenmode', 'none');
    this.#ip('link', 'set', 'eth0', 'addrgenmode', 'none');
    ip('link', 'set', name, 'master', bridge, 'up');
    this.#ip('addr', 'add', `${address}/24`, 'dev', 'eth0');
    this.#ip('link', 'set', 'lo', 'up');
    this.#ip('link', 'set', 'eth0', 'up');
    this.#ip('route', 'add', 'default', 'via', gateway);
    // Checksums left to a network card that does not exist would reach the peer wrong.
    execFileSync('ip', ['netns', 'exec', name, 'ethtool', '-K', 'eth0', 'tx', 'off'], { stdio: 'ignore' });
  }

  #ip(...args) {
    ip('-n', this.name, ...args);
  }

  /** The command line that runs a program on this host. */
  command(program, ...args) {
    return ['ip', 'netns', 'exec', this.name, program, ...args];
  }

  /** A file that runs `program` on this host, for libraries that want the path of one executable. */
  executable(program) {
    const file = join(this.folder, `${this.name}-${program}`);
    writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${this.name} ${program} "$@"\n`, { mode: 0o755 });
    return file;
  }

  /** Gives the host another address instead of the one it has, as coming to another Wi-Fi does. */
  moveTo(address) {
    this.#ip('addr', 'flush', 'dev', 'eth0');
    this.#ip('addr', 'add', `${address}/24`, 'dev', 'eth0');
    this.#ip('route', 'replace', 'default', 'via', this.gateway);
    this.address = address;
  }

  /** Lets TCP through and nothing else, as the firewalls of some workplaces do. */
  allowTcpOnly() {
    this.#nft(`table inet tcponly {
      chain out { type filter hook output priority 0; oifname "eth0" meta l4proto udp drop; }
      chain in { type filter hook input priority 0; iifname "eth0" meta l4proto udp drop; }
    }`);
  }

  /** Lets TCP to these ports through and nothing else, as the strictest firewalls do. */
  allowTcpTo(...ports) {
    this.#nft(`table inet tcpto {
      chain out { type filter hook output priority 0; oifname "eth0" tcp dport != { ${ports} } drop; oifname "eth0" meta l4proto != tcp drop; }
      chain in { type filter hook input priority 0; iifname "eth0" tcp sport != { ${ports} } drop; iifname "eth0" meta l4proto != tcp drop; }
    }`);
  }

  /** Drops every packet, in and out, without a word: a cable pulled somewhere on the way. */
  cut() {
    this.#nft(`table inet cut {
      chain out { type filter hook output priority 0; oifname "eth0" drop; }
      chain in { type filter hook input priority 0; iifname "eth0" drop; }
    }`);
  }

  restore() {
    this.#nft('delete table inet cut');
  }

  /** Loses so many percent of the datagrams that leave (`way` is 'out') or reach ('in') this host. */
  lose(way, percent) {
    const [end, port] = way === 'out' ? ['oifname', 'dport'] : ['iifname', 'sport'];
    const hook = way === 'out' ? 'output' : 'input';
    this.#nft(`table inet lossy {
      chain way { type filter hook ${hook} priority 0; ${end} "eth0" udp ${port} > 0 numgen random mod 100 < ${percent} drop; }
    }`);
  }

  /** Sound and picture reach this host no more; what keeps the connection alive does (RFC 7983). */
  deafen() {
    this.#nft(`table inet deaf {
      chain in { type filter hook input priority 0; iifname "eth0" meta l4proto udp @th,64,8 >= 128 @th,64,8 < 192 drop; }
    }`);
  }

  loseNoMore() {
    this.#nft('delete table inet lossy');
  }

  /** What comes to this host comes through a line of so many kbit/s, on which so many percent are lost. */
  thin(kbps, lostPercent) {
    tc('qdisc', 'replace', 'dev', this.name, 'root', 'tbf', 'rate', `${kbps}kbit`, 'burst', '5kb', 'latency', '300ms');
    this.#nft(`table inet thin {
      chain in { type filter hook input priority 0; iifname "eth0" udp dport > 0 numgen random mod 100 < ${lostPercent} drop; }
    }`);
  }

  widen() {
    tc('qdisc', 'del', 'dev', this.name, 'root');
    this.#nft('delete table inet thin');
  }

  /**
   * Makes the way to and from UDP port `port` of `server` longer by `ms` each way, for connections made from now on.
   * The kernel has no delay of its own here; a program that waits stands in between.
   */
  async delay(server, port, ms) {
    this.#nft(`table ip delay {
      chain out { type nat hook output priority -100; ip daddr ${server} udp dport ${port} meta mark != 7 dnat to 127.0.0.1:${port}; }
    }`);
    const [program, ...args] = this.command('python3', DELAY, server, `${port}`, `${ms}`);
    this.#delaying = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(this.#delaying.stdout, 'data');
  }

  /** Counts sound and picture that pass this host's socket from now on: RTP by its first two bytes (RFC 7983, RFC 5761). */
  countMedia() {
    const media = 'meta l4proto udp @th,64,8 >= 128 @th,64,8 < 192 @th,72,8 & 0x60 != 0x40';
    this.#nft(`table inet media {
      counter received {}
      counter sent {}
      chain in { type filter hook input priority 0; iifname "eth0" ${media} counter name received; }
      chain out { type filter hook output priority 0; oifname "eth0" ${media} counter name sent; }
    }`);
  }

  /** Packets of sound and picture since then. */
  mediaCounted() {
    const list = ['netns', 'exec', this.name, 'nft', '-j', 'list', 'counters', 'table', 'inet', 'media'];
    const { nftables } = JSON.parse(execFileSync('ip', list, { encoding: 'utf8' }));
    const counters = nftables.filter((one) => one.counter).map(({ counter }) => [counter.name, counter.packets]);
    return Object.fromEntries(counters);
  }

  #nft(rules) {
    execFileSync('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], { input: rules });
  }

  close() {
    this.#delaying?.kill();
    ip('netns', 'del', this.name);
  }
}
