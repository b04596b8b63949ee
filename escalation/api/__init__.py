"""REST: tickets and where they stand, their messages, files, moves and record; approvals."""
