import os

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # else scikit-learn skips a check; before any import

from hypothesis import settings

settings.register_profile("house", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("house")
