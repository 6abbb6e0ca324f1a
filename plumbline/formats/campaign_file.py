"""The campaign file: a job of any size, which is done in many rounds, in YAML or JSON.

    preset: binary
    tasks: messages.csv            # any number of them
    gold: answer                   # the field with the answers that are known, here and there
    price: 0.002 ether             # pay of one labeler for a whole round
    stake: 0.004 ether
    labels: 7                      # so many labelers answer each task, at most
    spend: 2 ether                 # escrow and gas together, at most

All keys of a round file are keys of it, with the same meaning for each of its rounds, but for
`seats`, which is called `labels` here. These are new:

    batch           how many tasks a round has at most, 48 to 256 (96; more if gold is scarce)
    labels          how many labelers answer each task at most: the seats of a round (9)
    spend           what is spent at most: escrow that does not come back, and the requester's gas
    open_at_once    how many rounds are open at a time at most (10)
    load            how many rounds of it one labeler should take at most; it is watched, not held

`gold_count` is the number of gold tasks of each round. `uri` is the folder where the rounds' tasks
are published, and ends in /.

Where several groups of people are to answer, each in rounds of its own that are judged by
themselves, `quotas` says who, in place of `labels`:

    quotas:
      nurses:
        labels: 3
        admission: {attested: {steward: 0x…, group: nurses}}
        price: 0.004 ether         # also stake, r_min; else as for all
      the public: {labels: 7}

An `admission` for all holds as well as those of the groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from plumbline.formats.admission_terms import excluding
from plumbline.formats.names import quoted
from plumbline.formats.round_file import (
    ROUND_KEYS,
    Questionnaire,
    RoundFile,
    RoundFileError,
    integer_of,
    probation_of,
    questionnaire_in,
    require_keys,
    round_of,
    usual_seats,
)
from plumbline.protocol.manifest import Manifest
from plumbline.settlement.probation import most_probation_tasks
from plumbline.settlement.terms import MAX_TASKS
from plumbline.units import ETHER, Unit

MIN_BATCH: Final = 48
_AT_ONCE: Final = 10
_LIMITS: Final = ("batch", "labels", "spend", "open_at_once", "load")
_QUOTAS: Final = "quotas"
_OF_QUOTA: Final = ("labels", "admission", "price", "stake", "r_min")
_LONGEST_NAME: Final = 60  # characters
CAMPAIGN_KEYS: Final = (*(key for key in ROUND_KEYS if key != "seats"), *_LIMITS, _QUOTAS)


ASKED_OF: Final = "labelers"
"""The field of a manifest that says which group of people is asked, if groups are asked apart."""


class CampaignFileError(RoundFileError):
    """A campaign file that cannot be carried out; the message names the key."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a campaign must not exceed; None for no limit.

    spend          escrow that does not come back and the requester's gas, smallest unit
    open_at_once   rounds
    load           rounds of one labeler: watched, since anybody may take a seat
    """

    spend: int | None
    open_at_once: int
    load: int | None


@dataclass(frozen=True, slots=True)
class Quota:
    """A group of people that answers all tasks, in rounds of its own.

    group    what it is called; None for everybody, in a campaign without quotas
    labels   how many of it answer each task at most
    values   what the file says of its rounds
    """

    group: str | None
    labels: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """A campaign as its requester wants it.

    asked        all tasks with their known answers, under numbers that are drawn
    batch        tasks of a round at most; None if the file leaves it to us
    gold_count   gold tasks of each round; None if the file leaves it to us, 0 for none
    limits       what must not be exceeded
    quotas       who answers each task: one for everybody, or some for groups of people
    """

    asked: Questionnaire
    batch: int | None
    gold_count: int | None
    limits: Limits
    quotas: tuple[Quota, ...]
    _values: Mapping[str, Any]
    _folder: Path
    _unit: Unit

    @property
    def has_groups(self) -> bool:
        """Whether groups of people answer in rounds of their own."""
        return self.quotas[0].group is not None

    def manifest_of(self, tasks: tuple[object, ...], quota: Quota) -> Manifest:
        """Some of its tasks as labelers get them, with the group that is asked, if it is one."""
        manifest = self.asked.manifest_of(tasks)
        return manifest if quota.group is None else replace(manifest, more={ASKED_OF: quota.group})

    def round_file(self, manifest: Manifest, gold: Mapping[int, int], quota: Quota) -> RoundFile:
        """One of its rounds. Raises RoundFileError, or TermsError."""
        pool = self.asked.pool
        return round_of(
            quota.values, self._folder, pool.question, manifest, gold, self._unit, pool.files
        )

    def follow_up(
        self,
        manifest: Manifest,
        gold: Mapping[int, int],
        seats: int,
        admission: str | None,
        excluded: Sequence[int],
        usual_tasks: int,
    ) -> RoundFile:
        """A round that asks some tasks again, of so many labelers.

        admission     policy contract; None for that of the campaign
        excluded      rounds on the chain: whoever answered in one of them is not admitted
        usual_tasks   of a round with the price and stake of the file, which are in proportion

        Raises as `round_file`.
        """
        tasks = len(manifest.tasks)
        shares = {
            key: -(-self._unit.parse(self._values[key], key) * tasks // usual_tasks)
            for key in ("price", "stake")
            if key in self._values
        }
        fewest = integer_of(self._values, "r_min", seats)
        values = {**self._values, **shares, "seats": seats, "probation": False}
        if admission is not None:
            values["admission"] = admission
        if "r_min" in values:
            values["r_min"] = min(fewest, seats)
        pool = self.asked.pool
        made = round_of(values, self._folder, pool.question, manifest, gold, self._unit, pool.files)
        return replace(made, admission=excluding(made.admission, excluded))


def is_campaign(values: object) -> bool:
    """Whether a file says what only campaigns have."""
    return isinstance(values, Mapping) and any(key in values for key in (*_LIMITS, _QUOTAS))


def parse_campaign(values: object, folder: Path, unit: Unit = ETHER) -> CampaignFile:
    """A campaign from the values of its file; `folder` is where it is."""
    given = dict(require_keys(values, CAMPAIGN_KEYS, "campaign"))
    given["seats"] = integer_of(given, "labels", usual_seats(given))
    uri = given.get("uri")
    if isinstance(uri, str) and uri and not uri.endswith("/"):
        raise CampaignFileError(
            "uri must end in /: the tasks of each round are found there by their root"
        )
    batch = integer_of(given, "batch", MAX_TASKS)
    if not MIN_BATCH <= batch <= MAX_TASKS:
        raise CampaignFileError(f"batch is {batch}: a round has {MIN_BATCH} to {MAX_TASKS} tasks")
    has_gold = given.get("gold") is not None
    limits = Limits(
        spend=unit.parse(given["spend"], "spend") if "spend" in given else None,
        open_at_once=_positive(given, "open_at_once", _AT_ONCE),
        load=_positive(given, "load", 1) if "load" in given else None,
    )
    asked, is_probation = questionnaire_in(given, folder, is_numbered=True), probation_of(given)
    usual = most_probation_tasks(len(asked.pool.question.options)) if is_probation else None
    return CampaignFile(
        asked=asked,
        batch=batch if "batch" in given else usual,
        gold_count=_gold_count(given) if has_gold else 0,
        limits=limits,
        quotas=_quotas(given),
        _values=given,
        _folder=folder,
        _unit=unit,
    )


def _quotas(values: Mapping[str, Any]) -> tuple[Quota, ...]:
    """Who answers; `values` are those of the file, with the seats of a round without quotas."""
    if _QUOTAS not in values:
        return (Quota(None, values["seats"], values),)
    given = values[_QUOTAS]
    if not isinstance(given, Mapping) or len(given) < 2:
        raise CampaignFileError(
            "quotas must name two groups or more: one alone is `labels` and `admission`"
        )
    if "labels" in values:
        raise CampaignFileError("labels and quotas: say how many labels in each of the quotas")
    common = {key: held for key, held in values.items() if key != _QUOTAS}
    quotas = tuple(_quota(str(name), own, common) for name, own in given.items())
    admitted: dict[str, str] = {}
    for quota in quotas:
        terms = repr(quota.values.get("admission"))
        if terms in admitted:
            raise CampaignFileError(
                f"quotas: {quota.group} and {admitted[terms]} admit the same people: give each an "
                "admission of its own"
            )
        admitted[terms] = str(quota.group)
    return quotas


def _quota(name: str, own: object, common: Mapping[str, Any]) -> Quota:
    where = f"quotas: {quoted(name)}"
    if not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME:
        raise CampaignFileError(
            f"{where}: the name of a group has 1 to {_LONGEST_NAME} characters, and no space at "
            "its ends"
        )
    if not isinstance(own, Mapping) or "labels" not in own:
        raise CampaignFileError(f"{where} must say labels, and may say {', '.join(_OF_QUOTA[1:])}")
    for key in own:
        if key not in _OF_QUOTA:
            raise CampaignFileError(f"{where} has no {key}: known are {', '.join(_OF_QUOTA)}")
    labels = _positive(own, "labels", 1)
    terms = [each["admission"] for each in (common, own) if each.get("admission") is not None]
    values = {**common, **own, "seats": labels}
    del values["labels"]
    if terms:
        values["admission"] = terms[0] if len(terms) == 1 else {"all": terms}
    return Quota(name, labels, values)


def _gold_count(values: Mapping[str, Any]) -> int | None:
    return _positive(values, "gold_count", 1) if "gold_count" in values else None


def _positive(values: Mapping[str, Any], key: str, preset: int) -> int:
    value = integer_of(values, key, preset)
    if value < 1:
        raise CampaignFileError(f"{key} is {value}: must be 1 or more")
    return value
