"""Makes the way between this host's programs and one server longer: forwards their UDP, each datagram so much later.

Arguments: the server's address, its port, milliseconds for each direction. The firewall sends what is for the server to
the same port of this host's loopback, except what carries MARK: that is from here.
"""

import heapq
import selectors
import socket
import sys
import time

MARK = 7
# A datagram of any size.
LARGEST = 65_536
# Sockets of the programs; a browser has one for each of its addresses.
MAX_CLIENTS = 64

server, port, delay = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1000
inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inside.bind(("127.0.0.1", port))
ready = selectors.DefaultSelector()
ready.register(inside, selectors.EVENT_READ, None)
ways = {}
waiting = []
count = 0


def later(send, *arguments):
    global count
    count += 1
    heapq.heappush(waiting, (time.monotonic() + delay, count, send, arguments))


def way_of(client):
    """The socket that stands for a client towards the server."""
    if client not in ways and len(ways) < MAX_CLIENTS:
        way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        way.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
        way.connect((server, port))
        ready.register(way, selectors.EVENT_READ, client)
        ways[client] = way
    return ways.get(client)


def forward(key):
    try:
        if key.data is None:
            datagram, client = inside.recvfrom(LARGEST)
            if way := way_of(client):
                later(way.send, datagram)
        else:
            later(inside.sendto, key.fileobj.recv(LARGEST), key.data)
    except ConnectionRefusedError:
        pass  # The server is not there, which the browser is to find out by itself.


print("listening", flush=True)
while True:
    wait = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
    for key, _ in ready.select(wait):
        forward(key)
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, send, arguments = heapq.heappop(waiting)
        try:
            send(*arguments)
        except OSError:
            pass  # As above, or the line is cut.
