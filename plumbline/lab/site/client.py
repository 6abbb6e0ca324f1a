"""What a browser does at a site, by the library: it signs, hands in and asks."""

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from eth_account.signers.local import LocalAccount

from plumbline.errors import PlumblineError
from plumbline.labeler import consents, delegated_reveals
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import commitment, new_salt
from plumbline.protocol.typed_data import Deployed, domain_separator
from plumbline.settlement.sheet import pack


class SiteAway(PlumblineError):
    """A site that does not answer."""


@dataclass(frozen=True, slots=True)
class SiteReply:
    """The status of an answer, its headers in lower case, and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.body)


class SiteClient:
    """Asks a site at a URL, a connection for each request."""

    def __init__(self, url: str, patience: float = 60) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._patience = patience
        self.origin = f"{parts.scheme}://{parts.netloc}"

    def get(self, path: str, **headers: str) -> SiteReply:
        """Raises SiteAway."""
        return self.ask("GET", path, None, headers)

    def post(self, path: str, body: str, **headers: str) -> SiteReply:
        """Hand in JSON, as the site's own page. Raises SiteAway."""
        own = {"content-type": "application/json", "origin": self.origin}
        return self.ask("POST", path, body.encode(), own | headers)

    def ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> SiteReply:
        """Any request. Raises SiteAway."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._patience)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return SiteReply(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise SiteAway(f"the site does not answer ({type(error).__name__})") from None
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class SheetToCommit:
    """The answers of a labeler to a round, and the salt of the commitment."""

    key: LocalAccount
    deployed: Deployed
    genesis: bytes
    round_id: int
    options: int
    answers: tuple[int | None, ...]
    salt: bytes

    @classmethod
    def of(
        cls,
        key: LocalAccount,
        about: Mapping[str, Any],
        round_json: Mapping[str, Any],
        answers: Sequence[int | None],
    ) -> "SheetToCommit":
        """For the round and the deployment that a site tells of."""
        deployed = Deployed(about["chain_id"], checksum(about["contract"]))
        genesis = bytes.fromhex(about["genesis"][2:])
        number, options = round_json["round"], round_json["options"]
        return cls(key, deployed, genesis, number, options, tuple(answers), new_salt())

    @property
    def labeler(self) -> str:
        """Whose it is."""
        return checksum(self.key.address)

    @property
    def digest(self) -> bytes:
        """What is committed to."""
        domain = domain_separator(self.deployed.chain_id, self.deployed.address)
        sheet = pack(self.answers, self.options)
        return commitment(domain, self.round_id, self.labeler, sheet, self.salt)

    def consent(self, stake: int, evidence: Sequence[bytes] = ()) -> str:
        """What is handed in to take the seat, signed; `stake` in wei."""
        unsigned = Consent(
            deployed=self.deployed,
            round_id=self.round_id,
            labeler=self.labeler,
            stake=stake,
            commitment=self.digest,
            sealed=b"",
            evidence=tuple(evidence),
            signature=b"",
            is_wallet=False,
        )
        signature = bytes(self.key.sign_message(unsigned.message).signature)
        return consents.to_json(unsigned.with_signature(signature))

    def opening(self) -> str:
        """What is handed in to reveal it."""
        return delegated_reveals.to_json(
            DelegatedReveal(
                deployed=self.deployed,
                genesis=self.genesis,
                round_id=self.round_id,
                labeler=self.labeler,
                options=self.options,
                answers=self.answers,
                salt=self.salt,
                commitment=self.digest,
            )
        )
