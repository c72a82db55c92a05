"""scikit-learn's callback protocol, for the versions that have it (1.9 and later)."""

from typing import Any


def load() -> tuple[Any, Any]:
    """Return the mixin and the decorator of the protocol, or two that do nothing."""
    try:
        from sklearn.callback import CallbackSupportMixin, with_callbacks
    except ImportError:
        return type("NoCallbackSupport", (), {}), lambda method: method
    return CallbackSupportMixin, with_callbacks


CallbackSupport, with_callbacks = load()
