"""Who may take a seat: policies, and what they are shown."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "deploy": ("policy.deploy:deploy", "Create the policy that a file describes."),
        "show": ("policy.show:show", "Say whom a policy admits, and why not somebody."),
        "list": ("policy.list:list_accounts", "Make the root of an allow list, and its proofs."),
        "prove": ("policy.prove:prove", "Write what a labeler has to show a policy."),
        "attest": (
            "policy.attest:attest",
            "Sign that a labeler belongs to a group.",
        ),
        "revoke": ("policy.attest:revoke", "Revoke what was attested."),
    },
    package="plumbline.cli",
)
def cli() -> None:
    """Decide who may take a seat: lists, records, attestations, tokens, all or any of them.

    A round file says the same as `admission`, and `requester open` creates what is missing: these
    commands are for whoever wants to see it, or to use one policy in many places. docs/seating.md
    has the terms.
    """
