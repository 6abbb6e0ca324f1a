"""Commands of a test by a name for each, and what they came to."""

from dataclasses import dataclass, field

from tests.integration.forking import ForkShell
from tests.integration.shell import Result


@dataclass
class Playbook:
    """Runs commands and keeps the results; `environment` is what changes in it for all of them."""

    shell: ForkShell
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    results: dict[str, Result] = field(default_factory=dict)

    def run(self, name: str, *arguments: str) -> Result:
        """However it ends."""
        self.results[name] = self.shell(*arguments, *self.options, **self.environment)
        return self.results[name]

    def good(self, name: str, *arguments: str) -> Result:
        """A command that must succeed."""
        result = self.run(name, *arguments)
        assert result.code == 0, (name, result.out, result.err)
        return result

    def __getitem__(self, name: str) -> Result:
        return self.results[name]
