"""The desk: the verbs, each a question and its answer. This is the whole public API.

`assess` scores, `chain` shows who makes, ships and uses, `shock` walks a scenario through the
months, `losses` says what every stop would cost sectors and GDP, `risk` ranks them by likelihood
times loss, `economy` is the input-output table of a place, `technology_position` says where places
stand in technologies, the `vault_*` verbs size, run and pay for a stockpile, the `study_*` verbs run many, `explain` says where a number comes from,
`brief` writes the decision brief; `materials` and `known_places` list the words that verbs take;
the `data_*` verbs build, check, fetch and list data.
"""

from lodestone.desk.asking import shock_in_words
from lodestone.desk.assessing import assess
from lodestone.desk.briefing import brief
from lodestone.desk.chains import chain
from lodestone.desk.data import data_build, data_fetch, data_sources, data_table, data_verify
from lodestone.desk.economies import economy
from lodestone.desk.explaining import explain
from lodestone.desk.listing import economy_summary, known_places, materials
from lodestone.desk.losing import losses
from lodestone.desk.risk_charts import risk_charts
from lodestone.desk.risking import risk, write_hazards
from lodestone.desk.shocking import scenarios, shock, shock_charts
from lodestone.desk.studying import study_compare, study_resume, study_run
from lodestone.desk.technology import technology_charts, technology_position
from lodestone.desk.vault_drawing import vault_charts
from lodestone.desk.vault_financing import vault_finance
from lodestone.desk.vault_plans import write_vault
from lodestone.desk.vault_running import vault_run
from lodestone.desk.vault_sizing import vault_size
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
    "economy_summary",
    "explain",
    "known_places",
    "losses",
    "materials",
    "risk",
    "risk_charts",
    "scenarios",
    "shock",
    "shock_charts",
    "shock_in_words",
    "study_compare",
    "study_resume",
    "study_run",
    "technology_charts",
    "technology_position",
    "vault_charts",
    "vault_finance",
    "vault_run",
    "vault_size",
    "world",
    "write_hazards",
    "write_vault",
]
