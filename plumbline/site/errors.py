"""Why a request is refused."""

from http import HTTPStatus

from plumbline.errors import PlumblineError


class RequestError(PlumblineError):
    """A request that is refused: the status, one sentence, and what to do, if that is known.

    `wait` is after how many seconds it may be made again, if it was one too many.
    """

    def __init__(
        self, status: HTTPStatus, reason: str, remedy: str | None = None, wait: float | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.remedy = remedy
        self.wait = wait
