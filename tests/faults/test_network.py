"""The network between the programs and their services is slow, breaks, or goes silent."""

from contextlib import contextmanager

import pytest

from tests.faults.conftest import pick


@contextmanager
def bad(proxies, **faults):
    for proxy in proxies:
        for name, value in faults.items():
            setattr(proxy, name, value)
    try:
        yield
    finally:
        for proxy in proxies:
            proxy.heal()


@pytest.mark.parametrize(
    ("what", "faults"),
    [("150 ms later each way", {"latency": 0.15}), ("at 20 kB/s", {"rate": 20_000})],
    ids=["latency", "drip"],
)
def test_slow_network_delays_but_loses_nothing(helpdesk, note, what, faults):
    story = helpdesk.fall_due(pick(20, 300), spread=pick(2, 20))
    with story.fault(), bad((helpdesk.database, helpdesk.broker), **faults):
        helpdesk.play(pick(3, 22))
    note(story.ends(f"network {what}", within=60))


def test_cut_connections_are_taken_up_again(helpdesk, note):
    story = helpdesk.fall_due(pick(40, 500), spread=pick(4, 20))
    with story.fault():
        for _cut in range(pick(4, 20)):
            helpdesk.play(1)
            helpdesk.database.reset()
            helpdesk.broker.reset()
    note(story.ends("all connections cut every second", within=60))
    helpdesk.until(helpdesk.well, 150, "both ways to the clock again, even of a worker that had given up")


def test_silent_database_connection_is_given_up(helpdesk, note):
    """Half open: what is sent vanishes, nothing comes back, no error either, and old connections never work again."""
    story = helpdesk.fall_due(pick(20, 200), spread=pick(3, 10))
    with story.fault(), bad([helpdesk.database], silent=True):
        helpdesk.play(pick(3, 20))
    note(story.ends("network to PostgreSQL silent", within=90))
    helpdesk.until(helpdesk.well, 90, "both ways to the clock again")


def test_silent_broker_connection_delays_nothing(helpdesk, note):
    story = helpdesk.fall_due(pick(20, 200), spread=pick(3, 20))
    with story.fault(), bad([helpdesk.broker], silent=True):
        helpdesk.play(pick(3, 20))
    late = story.ends("network to Valkey silent", within=30)
    note(late)
    assert max(late.during()) < 3
    for name in ("deadlines", "worker", "beat-1", "beat-2"):
        helpdesk.kill(name)  # a connection that lost an answer waits for the kernel's keepalive, which a proxy answers
