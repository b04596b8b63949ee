"""What can go wrong, in one sentence that says what to do."""

import errno


class Problem(Exception):
    """A fault that the person at the terminal can mend; its text is the sentence they read."""


class Stopped(Exception):
    """Somebody asked to stop (Ctrl-C, SIGTERM, a closed terminal)."""


def explain(error: OSError) -> str:
    """Return the sentence for a failed file operation."""
    place = error.filename or "the disk"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full ({place}). Free some space, or set HELPDESK_VAR to a directory on another disk."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{place} cannot be written. Set HELPDESK_VAR to a directory that is yours."
    return f"{error.strerror or error} ({place})."
