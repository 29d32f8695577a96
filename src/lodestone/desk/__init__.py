"""The desk: the verbs, each a question and its answer. This is the whole public API.

`assess` scores, `chain` shows who makes, ships and uses, `explain` says where a number comes
from, `brief` writes the decision brief; the `data_*` verbs build, check, fetch and list data.
"""

from lodestone.desk.assessing import assess
from lodestone.desk.briefing import brief
from lodestone.desk.chains import chain
from lodestone.desk.data import data_build, data_fetch, data_sources, data_verify
from lodestone.desk.explaining import explain

__all__ = [
    "assess",
    "brief",
    "chain",
    "data_build",
    "data_fetch",
    "data_sources",
    "data_verify",
    "explain",
]
