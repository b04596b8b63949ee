"""Web traffic at a fixed rate: `python -m benchmarks.traffic PORT COOKIE RATE SECONDS PATH...`.

A process of its own, so that asking costs the measuring process nothing. Requests begin on a timetable, whether or not
those before have been answered (an open loop), so a slow server cannot slow its visitors down. Prints how it went as
JSON.
"""

import http.client
import itertools
import json
import sys
import threading
import time

VISITORS = 8


def main(port: str, cookie: str, rate: str, seconds: str, *paths: str) -> None:
    places = itertools.count()
    total, every, begun = int(float(rate) * float(seconds)), 1 / float(rate), time.monotonic()
    taken: list[float] = []
    failed: list[str] = []

    def visit() -> None:
        client = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
        while (place := next(places)) < total:
            due = begun + place * every
            time.sleep(max(0, due - time.monotonic()))
            try:
                client.request("GET", paths[place % len(paths)], headers={"Cookie": cookie})
                answer = client.getresponse()
                answer.read()
                if answer.status != 200:
                    failed.append(str(answer.status))
            except OSError as error:
                failed.append(str(error))
                client.close()
            taken.append(time.monotonic() - due)

    threads = [threading.Thread(target=visit) for _ in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"asked": len(taken), "failed": failed[:5], "taken": sorted(taken)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
