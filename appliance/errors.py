"""The one tree of errors. Each carries a stable `code`; the message says what the operator can do."""


class ApplianceError(Exception):
    """Anything the appliance refuses or fails to do on purpose."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Refusal(ApplianceError):
    """A request that cannot be carried out as asked; the user can act on the message."""


class Unreadable(ApplianceError):
    """A file that is not, or not safely, a picture. `code` becomes the photo's reason."""


class Parked(ApplianceError):
    """A file that is set aside unharmed: of a kind that is not processed (yet). `code` becomes the reason."""


class Superseded(ApplianceError):
    """Work whose facts have changed meanwhile: nothing of it was entered, and it is done again."""


class Damaged(ApplianceError):
    """Stored bytes or rows are not what was written: stop, and say which."""
