"""Prepares the database in a process of its own, because it acts as the tables' owner."""

import os

from helpdesk.preparation import prepare

if __name__ == "__main__":
    prepare(demo=os.environ.get("HELPDESK_DEMO") == "1")
