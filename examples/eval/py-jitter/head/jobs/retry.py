"""When a failed job is tried again."""

import random
from datetime import datetime, timedelta

LONGEST = timedelta(minutes=15)


def next_try(now: datetime, failures: int) -> datetime:
    """Later after each failure, and not for all jobs at the same moment."""
    base = min(timedelta(seconds=2 ** min(failures, 20)), LONGEST)
    return now + base * random.uniform(0.5, 1.5)
