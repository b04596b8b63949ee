"""Why a verb said no. Doors translate these; verbs raise them with a sentence that says what to do.

`code` is stable and machine-readable; `detail` is for people.
"""


class Refusal(Exception):
    """Base of every refusal: nothing was changed."""

    status = 400

    def __init__(self, detail: str, *, code: str = "refused", field: str | None = None, data: dict | None = None):
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.field = field
        self.data = data or {}


class Invalid(Refusal):
    """The input is wrong; `field` names which part."""

    status = 400


class NotAllowed(Refusal):
    """This person may see the thing but not do this with it."""

    status = 403


class NotFound(Refusal):
    """It does not exist, or this person may not know that it does."""

    status = 404


class Conflict(Refusal):
    """A rule of the protocol forbids it now: wrong state, a hold, a missing signature."""

    status = 409


class Stale(Refusal):
    """Somebody changed it since the caller last looked."""

    status = 412


class NoRoom(Refusal):
    """The disk is full; without the files it would work."""

    status = 507
