"""Creating a deployment, and comparing it with its manifest."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "new": ("deploy.new:new", "Create the contracts and write the manifest."),
        "bundle": ("deploy.bundle:bundle", "Write what block explorers need to verify it."),
        "lens": ("deploy.lens:lens", "Create Lens, which reads what is stored for others."),
        "check": ("deploy.check:check", "Compare chain, manifest and sources."),
    },
    package="plumbline.cli",
    default="new",
)
def cli() -> None:
    """Create LabelRounds and its judge, and write deployments/<chain id>.json.

    Without a subcommand it creates them (`new`); `check` compares the manifest with the chain,
    `bundle` writes what block explorers need to verify the sources, and `lens` creates Lens.
    """
