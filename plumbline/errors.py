"""What can go wrong through a user's doing."""


class PlumblineError(Exception):
    """Base of every error a user can cause; the message is one line that says what to do."""
