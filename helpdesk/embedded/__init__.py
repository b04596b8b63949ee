"""PostgreSQL, Valkey and all programs of the helpdesk in one terminal, for a first run, development and tests.

`python -m helpdesk.embedded up` runs everything until Ctrl-C; `python -m helpdesk.embedded with -- COMMAND` runs one
command on throw-away services. Production runs `helpdesk.entrypoint` under an init system or containers instead.
"""
