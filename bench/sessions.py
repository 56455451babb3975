#!/usr/bin/env python3
"""A call with a session against the same call with a key and a connection's name, on the release build and the sandbox.

    RENKEI_BUILD=build/release python3 bench/sessions.py [--rounds N] [--calls N] [--sessions N]

CPU time of the server's process per call, interleaved; then the memory (PSS) that live sessions add, each used once.
"""
import argparse
import http.client
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/e2e"))
from world import World  # noqa: E402

PATH = "/v1/mail/folders"


def cpu_ns(pid):
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


def pss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("no Pss")


def calls(world, count, headers):
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
    before = cpu_ns(world.server.pid)
    for _ in range(count):
        connection.request("GET", PATH, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status} {body[:300]}")
    return (cpu_ns(world.server.pid) - before) / count / 1000


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--calls", type=int, default=300)
    options.add_argument("--sessions", type=int, default=10000)
    options = options.parse_args()
    world = World()
    try:
        settings = world.settings
        # The default configuration: no debugging aids.
        world.settings = lambda: [item for item in settings() if not item.startswith(("log.level=", "http.exchange_log="))]
        world.start_server()
        world.set_up()
        assert world.connect_app().status == 201
        key = world.api("POST", "/v1/keys", {"name": "robot", "rights": [{"actions": ["mail:read"]}]}, key=world.admin).json["text"]
        run = world.api("POST", "/v1/runs", {}, key=key).json["secret"]

        def connect(kind):
            made = world.api("POST", "/v1/sessions", {"connection": "invoice-mail", "kind": kind}, headers={"Renkei-Run": run})
            assert made.status == 201, made.body
            return made.json["secret"]

        by_key = {"Authorization": "Bearer " + key, "Renkei-Connection": "invoice-mail"}
        ways = {"variable": {"Renkei-Session": connect("variable")}, "local": {"Renkei-Session": connect("local"), "Renkei-Run": run}}
        calls(world, 200, by_key)
        ratios = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, headers in ways.items():
                base, one = calls(world, options.calls, by_key), calls(world, options.calls, headers)
                ratios[name].append(one / base)
        for name, found in ratios.items():
            print(f"{name:9} session ÷ key: median {statistics.median(found):.3f}, {min(found):.3f} to {max(found):.3f} (last: key {base:.0f} µs)")
        secrets = [connect("variable") for _ in range(options.sessions)]
        before = pss_bytes(world.server.pid)
        connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
        for secret in secrets:
            connection.request("GET", "/v1/session", headers={"Renkei-Session": secret})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        print(f"memory: {(pss_bytes(world.server.pid) - before) / options.sessions:.0f} B a live session that was used ({options.sessions} of them)")
    finally:
        world.close()


if __name__ == "__main__":
    main()
