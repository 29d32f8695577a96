"""The desk: the verbs, each a question and its answer. This is the whole public API.

`assess` scores, `chain` shows who makes, ships and uses, `shock` walks a scenario through the
months, the `study_*` verbs run many, `technology_position` says where places stand in
technologies, `explain` says where a number comes from, `brief` writes the decision brief; the
`data_*` verbs build, check, fetch and list data.
"""

from lodestone.desk.asking import shock_in_words
from lodestone.desk.assessing import assess
from lodestone.desk.briefing import brief
from lodestone.desk.chains import chain
from lodestone.desk.data import data_build, data_fetch, data_sources, data_verify
from lodestone.desk.explaining import explain
from lodestone.desk.shocking import scenarios, shock, shock_charts
from lodestone.desk.studying import study_compare, study_resume, study_run
from lodestone.desk.technology import technology_charts, technology_position
from lodestone.desk.worlds import world

__all__ = [
    "assess",
    "brief",
    "chain",
    "data_build",
    "data_fetch",
    "data_sources",
    "data_verify",
    "explain",
    "scenarios",
    "shock",
    "shock_charts",
    "shock_in_words",
    "study_compare",
    "study_resume",
    "study_run",
    "technology_charts",
    "technology_position",
    "world",
]
