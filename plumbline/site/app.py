"""Paths and methods of the site."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json
from plumbline.formats.published import CACHE_CONTROL, Found
from plumbline.site.errors import RequestError
from plumbline.site.guard import Application, Message, Receive, Send
from plumbline.site.service import Landed, Site, node_is_away
from plumbline.transactions.senders import NotLanded

T = TypeVar("T")

_ASKERS: Final = 16  # threads
_ASKING_PATIENCE: Final = 20.0  # seconds that a request waits for the site's node
_PATIENCE: Final = 12.0  # seconds that a request waits for a block
_MONEY_PATIENCE: Final = 60.0
_TICK: Final = 0.1  # seconds
_PIECE: Final = 64 * 2**10  # bytes
_HASHED: Final = re.compile(r"-[0-9A-Za-z_]{8,}\.[a-z0-9]+$")
_NO_PAGE: Final = """\
The labeling page is not built. Whoever runs this site: `make web`, or name it with --page FOLDER.
"""


def application(site: Site, page: Path) -> Application:
    """The site with the page in a folder, as `make web` builds it; it need not be there yet.

    Raises RequestError, and whatever is a mistake: answers to those are up to who calls it.
    """
    paths = _Paths(site, page)
    router = Router(
        [
            Route("/", paths.page),
            Route("/api/site", paths.about),
            Route("/api/rounds", paths.rounds),
            Route("/api/rounds/{number:int}", paths.round),
            Route("/api/labelers/{labeler}", paths.labeler),
            Route("/api/commitments", paths.commitments, methods=["POST"]),
            Route("/api/openings", paths.openings, methods=["POST"]),
            Route("/api/withdrawals", paths.withdrawals, methods=["POST"]),
            Route("/api/faucet", paths.faucet, methods=["POST"]),
            Route("/api/node", paths.node, methods=["POST"]),
            Route("/tasks/media/{sha256}", paths.media),
            Route("/tasks/{name}", paths.manifest),
            Mount("/assets", GZipMiddleware(_Assets(page / "assets"))),
        ],
        redirect_slashes=False,
    )

    async def run(scope: Message, receive: Receive, send: Send) -> None:
        try:
            await router({**scope, "app": router}, receive, send)
        except HTTPException as error:
            is_method = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
            what = "that cannot be done here" if is_method else "there is nothing here"
            raise RequestError(HTTPStatus(error.status_code), what) from None

    return run


class _Assets(StaticFiles):
    """The built files of the page; names with the hash of their content may be kept for ever."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._folder = folder

    async def get_response(self, path: str, scope: Any) -> Response:
        """A file. Raises HTTPException if it is not there."""
        if not await run_in_threadpool(self._folder.is_dir):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        response = await super().get_response(path, scope)
        is_hashed = _HASHED.search(path) is not None
        response.headers["cache-control"] = CACHE_CONTROL if is_hashed else "no-cache"
        return response


class _Paths:
    """What is done at each path."""

    def __init__(self, site: Site, page: Path) -> None:
        self._site = site
        self._page = page
        # A node that hangs stops no request that does not ask it.
        self._askers = ThreadPoolExecutor(_ASKERS, thread_name_prefix="asker")

    async def page(self, request: Request) -> Response:
        index = self._page / "index.html"
        if not await run_in_threadpool(index.is_file):
            return PlainTextResponse(_NO_PAGE, HTTPStatus.SERVICE_UNAVAILABLE)
        return FileResponse(index, headers={"cache-control": "no-cache"})

    async def about(self, request: Request) -> Response:
        return _json(self._site.about())

    async def rounds(self, request: Request) -> Response:
        return _json(await self._asked(self._site.rounds, _labeler(request)))

    async def round(self, request: Request) -> Response:
        number, labeler = request.path_params["number"], _labeler(request)
        return _json(await self._asked(self._site.round, number, labeler))

    async def labeler(self, request: Request) -> Response:
        labeler = request.path_params["labeler"]
        return _json(await self._asked(self._site.labeler, labeler))

    async def commitments(self, request: Request) -> Response:
        site, values = self._site, await _values(request)
        consent = await self._asked(site.take_commitment, values)
        landed = await _awaited(
            lambda: site.seated(consent), lambda: site.held(consent) is not None
        )
        if landed is None:
            return _json(site.held_answer(consent), HTTPStatus.ACCEPTED)
        return _json({"status": "seated", **_landed_json(landed)})

    async def openings(self, request: Request) -> Response:
        site, values = self._site, await _values(request)
        opening = await self._asked(site.take_opening, values)
        landed = await _awaited(lambda: site.revealed(opening), lambda: False)
        if landed is None:
            return _json({"status": "kept"}, HTTPStatus.ACCEPTED)
        return _json({"status": "revealed", **_landed_json(landed)})

    async def withdrawals(self, request: Request) -> Response:
        values = await _values(request)
        signed, outcome = await self._asked(self._site.take_withdrawal, values)
        receipt = await _sent(outcome)
        withdrawal = signed.withdrawal
        return _json(
            {
                "transaction": None if receipt is None else receipt.transaction,
                "amount": str(withdrawal.amount),
                "fee": str(withdrawal.fee),
            }
        )

    async def faucet(self, request: Request) -> Response:
        values = await _values(request)
        labeler, outcome = await self._asked(self._site.take_gift, values)
        if outcome is not None:
            await _sent(outcome)
        return _json(await self._asked(self._site.free, labeler))

    async def node(self, request: Request) -> Response:
        values = await _values(request)
        return _json(await self._asked(self._site.ask_node, values))

    async def _asked(self, ask: Callable[..., T], *arguments: Any) -> T:
        """What the site says that may have to ask its node first. Raises RequestError."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_ASKING_PATIENCE):
                return await loop.run_in_executor(self._askers, ask, *arguments)
        except TimeoutError:
            raise node_is_away() from None

    async def manifest(self, request: Request) -> Response:
        name = request.path_params["name"]
        if not name.endswith(".json"):
            return _handed_out(request, None)
        root = name.removesuffix(".json")
        return _handed_out(request, await run_in_threadpool(self._site.tasks.manifest, root))

    async def media(self, request: Request) -> Response:
        sha256 = request.path_params["sha256"]
        return _handed_out(request, await run_in_threadpool(self._site.tasks.media, sha256))


def _json(values: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return JSONResponse(values, status, {"cache-control": "no-store"})


def _landed_json(landed: Landed) -> dict[str, Any]:
    return {"block": landed.block, "transaction": landed.transaction}


def _labeler(request: Request) -> str | None:
    return request.query_params.get("labeler")


async def _values(request: Request) -> Any:
    """The body as JSON. Raises RequestError."""
    try:
        return parse_json((await request.body()).decode(), "the request")
    except (PlumblineError, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, PlumblineError) else "the request is not UTF-8"
        raise RequestError(HTTPStatus.BAD_REQUEST, reason) from None


async def _awaited(look: Callable[[], T | None], is_enough: Callable[[], bool]) -> T | None:
    """What is there once it is, or None when time is up, or it is known that it takes longer."""
    end = time.monotonic() + _PATIENCE
    while True:
        found = look()
        if found is not None or is_enough() or time.monotonic() > end:
            return found
        await asyncio.sleep(_TICK)


async def _sent(outcome: Any) -> Any:
    """The receipt of what was to be sent. Raises RequestError if it was not, or takes longer."""
    try:
        async with asyncio.timeout(_MONEY_PATIENCE):
            return await asyncio.shield(asyncio.wrap_future(outcome))
    except (TimeoutError, NotLanded):
        raise RequestError(
            HTTPStatus.GATEWAY_TIMEOUT, "it was sent, and is in no block yet", "look again later"
        ) from None
    except PlumblineError as error:
        raise RequestError(HTTPStatus.CONFLICT, str(error)) from None


def _handed_out(request: Request, found: Found | None) -> Response:
    """What goes by its content."""
    if found is None:
        raise RequestError(HTTPStatus.NOT_FOUND, "there is nothing here")
    headers = {"cache-control": CACHE_CONTROL, "etag": found.entity_tag}
    if found.is_known(request.headers.get("if-none-match", "")):
        found.file.close()
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers |= {"content-length": str(found.size), "content-type": found.content_type}
    return StreamingResponse(_pieces(found), headers=headers)


async def _pieces(found: Found) -> AsyncIterator[bytes]:
    with found.file:
        while piece := await run_in_threadpool(found.file.read, _PIECE):
            yield piece
