"""The desk: the verbs, each a question and its answer. This is the whole public API.

`assess` scores, `chain` shows who makes, ships and uses, `shock` walks a scenario through the
months, the `study_*` verbs run many, `explain` says where a number comes from, `brief` writes the
decision brief; the `data_*` verbs build, check, fetch and list data; `economy` is
the input-output table of a place.
"""

from lodestone.desk.asking import shock_in_words
from lodestone.desk.assessing import assess
from lodestone.desk.briefing import brief
from lodestone.desk.chains import chain
from lodestone.desk.data import data_build, data_fetch, data_sources, data_table, data_verify
from lodestone.desk.economies import economy
from lodestone.desk.explaining import explain
from lodestone.desk.shocking import scenarios, shock, shock_charts
from lodestone.desk.studying import study_compare, study_resume, study_run
from lodestone.desk.worlds import world

__all__ = [
    "assess",
    "brief",
    "chain",
    "data_build",
    "data_fetch",
    "data_sources",
    "data_table",
    "data_verify",
    "economy",
    "explain",
    "scenarios",
    "shock",
    "shock_charts",
    "shock_in_words",
    "study_compare",
    "study_resume",
    "study_run",
    "world",
]
