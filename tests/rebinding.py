"""Calls a name that leads elsewhere each time it is looked up, in a network of its own.

Run by `make rebinding`: python tests/rebinding.py [--times N]
It starts itself again in namespaces of its own, where this machine has a public address, private
ones, and a resolver of ours. Each time, the name leads to the public address when the URL is judged
and then, when it is dialled, to one of several answers. It prints how many calls came through and
how many were refused, and fails where a private address was connected to, or a public one was not.
Source: reliability paper, WHK-6: 1,000 answers in a network namespace, 0 private connects.
"""

import argparse
import asyncio
import json
import os
import ssl
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path

from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, OutboundRequest
from scripted import make_certificate, receiver, saying, server_side

NAME = "shop.example"
PORT = 8443
# Of the AS112 project, which has it to throw away what comes: public, and nobody's.
PUBLIC = "192.31.196.10"
PRIVATE = ("10.0.0.1", "169.254.169.254", "127.0.0.1", "fd00::1")
# What the name leads to when it is dialled, in turn.
ANSWERS = (
    (PUBLIC,),
    ("10.0.0.1",),
    (PUBLIC, "169.254.169.254"),
    ("127.0.0.1", PUBLIC),
    (PUBLIC, "fd00::1"),
    ("fd00::1",),
)
_CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_INSIDE = "--inside"
NAMESPACES = ("unshare", "--user", "--map-root-user", "--net", "--mount")


def rebind(times):
    """What came of so many calls, from a process in namespaces of its own.

    Shape: {"outcomes": {text: count}, "public": connections, "private": connections}
    """
    ended = subprocess.run(
        [*NAMESPACES, sys.executable, __file__, _INSIDE, "--times", str(times)],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=600,
    )
    return json.loads(ended.stdout)


def faults(report, times):
    through = -(-times // len(ANSWERS))
    expected = {"200": through, "forbidden_address": times - through}
    faults = []
    if report["private"]:
        faults.append(f"{report['private']} connections to private addresses")
    if report["public"] != through:
        faults.append(f"{report['public']} connections to the public address, not {through}")
    if report["outcomes"] != {name: count for name, count in expected.items() if count}:
        faults.append(f"outcomes {report['outcomes']}, not {expected}")
    return faults


def _make_network(folder):
    """The addresses, on this namespace's own loopback, and whom its resolver asks."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (PUBLIC, *PRIVATE):
        if address != "127.0.0.1":
            size = 128 if ":" in address else 32
            options = ["nodad"] if size == 128 else []
            command = ["ip", "address", "add", f"{address}/{size}", "dev", "lo", *options]
            subprocess.run(command, check=True)
    asked = folder / "resolv.conf"
    asked.write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
    subprocess.run(["mount", "--bind", asked, "/etc/resolv.conf"], check=True)


class _Resolver(asyncio.DatagramProtocol):
    """A name server whose every name leads to `answer`, for no time at all."""

    answer = (PUBLIC,)

    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, address):
        asks_for = data[12:].index(0) + 13
        (kind,) = struct.unpack_from("!H", data, asks_for)
        records = [_record(text) for text in self.answer if _kind(text) == kind]
        # Flags: an answer, recursion available; then how many questions and answers.
        head = data[:2] + struct.pack("!HHHHH", 0x8180, 1, len(records), 0, 0)
        self._transport.sendto(head + data[12 : asks_for + 4] + b"".join(records), address)


def _kind(address):
    """A or AAAA, as RFC 1035 and RFC 3596 number them."""
    return 28 if ":" in address else 1


def _record(address):
    packed = ip_address(address).packed
    # The name is where the question has it, 12 bytes in; its time to live is 0.
    return struct.pack("!HHHIH", 0xC00C, _kind(address), 1, 0, len(packed)) + packed


async def _call(folder, times):
    certificate = make_certificate(folder, NAME)
    trusting = ssl.create_default_context(cafile=certificate)
    loop, outcomes = asyncio.get_running_loop(), Counter()
    _, resolver = await loop.create_datagram_endpoint(_Resolver, ("127.0.0.1", 53))
    async with AsyncExitStack() as stack:
        tls = server_side(certificate)
        public = await stack.enter_async_context(
            receiver(saying(_CLOSING), host=PUBLIC, port=PORT, tls=tls)
        )
        decoys = [
            await stack.enter_async_context(receiver(saying(_CLOSING), host=host, port=PORT))
            for host in PRIVATE
        ]
        outbound = await stack.enter_async_context(Outbound(tls=trusting))
        request = OutboundRequest("POST", f"https://{NAME}:{PORT}/hook", {}, b"{}")
        for number in range(times):
            resolver.answer = (PUBLIC,)
            await outbound.look_up(request.url, Guard.PUBLIC)
            resolver.answer = ANSWERS[number % len(ANSWERS)]
            try:
                answer = await outbound.send(request, Guard.PUBLIC, seconds_max=15)
            except OutboundFailure as failure:
                outcomes[failure.reason.value] += 1
            else:
                outcomes[str(answer.status)] += 1
        return {
            "outcomes": outcomes,
            "public": public.connections,
            "private": sum(decoy.connections for decoy in decoys),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument(_INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        with tempfile.TemporaryDirectory() as name:
            _make_network(Path(name))
            sys.stdout.write(json.dumps(asyncio.run(_call(Path(name), options.times))))
        return
    report = rebind(options.times)
    told = ", ".join(f"{count} {outcome}" for outcome, count in report["outcomes"].items())
    sys.stdout.write(
        f"{options.times} calls: {told}; {report['public']} connections to the public address, "
        f"{report['private']} to private ones\n"
    )
    sys.exit("\n".join(faults(report, options.times)) or 0)


if __name__ == "__main__":
    main()
