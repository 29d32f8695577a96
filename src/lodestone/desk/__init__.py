"""The desk: the verbs, each a question and its answer. This is the whole public API.

`assess` scores, `chain` shows who makes, ships and uses, `exposure` who leans on whom, `profile`
all else about a material, `shock` walks a scenario through the months, `compare` lays two side by
side, `losses` says what every stop would cost sectors and GDP, `risk` ranks them by likelihood
times loss, `plan` chooses the cheapest portfolio that keeps a promise, the `vault_*` verbs size,
run and pay for a stockpile, `alliance` says what acting together is worth, `economy` is the
input-output table of a place, `technology_position` says where places stand in technologies, the
`study_*` verbs run many, `explain` says where a number comes from, `brief` writes the decision
brief, `dossier` that of a company; `materials` and `known_places` list the words that verbs take;
the `data_*` verbs build, check, fetch and list data.
"""

from lodestone.desk.alliance_asking import alliance_in_words
from lodestone.desk.alliance_charts import alliance_charts
from lodestone.desk.alliancing import alliance
from lodestone.desk.asking import scenario_in_words, shock_in_words
from lodestone.desk.assessing import assess
from lodestone.desk.briefing import brief
from lodestone.desk.chains import chain
from lodestone.desk.comparing import compare
from lodestone.desk.data import data_build, data_fetch, data_sources, data_table, data_verify
from lodestone.desk.dossiers import dossier
from lodestone.desk.economies import economy
from lodestone.desk.explaining import explain
from lodestone.desk.exposing import exposure
from lodestone.desk.joint_planning import joint_plan
from lodestone.desk.listing import economy_summary, known_places, materials
from lodestone.desk.losing import losses
from lodestone.desk.plan_charts import plan_charts
from lodestone.desk.plan_request import ready_plan
from lodestone.desk.planning import FRONTIER, plan, plans
from lodestone.desk.profiling import profile
from lodestone.desk.risk_charts import risk_charts
from lodestone.desk.risking import risk, write_hazards
from lodestone.desk.shocking import scenarios, shock, shock_charts
from lodestone.desk.studying import study_compare, study_resume, study_run
from lodestone.desk.technology import technology_charts, technology_position
from lodestone.desk.unseen import data_unseen
from lodestone.desk.vault_drawing import vault_charts
from lodestone.desk.vault_financing import vault_finance
from lodestone.desk.vault_plans import ready_vault, write_vault
from lodestone.desk.vault_running import vault_run
from lodestone.desk.vault_sizing import vault_size
from lodestone.desk.worlds import world

__all__ = [
    "FRONTIER",
    "alliance",
    "alliance_charts",
    "alliance_in_words",
    "assess",
    "brief",
    "chain",
    "compare",
    "data_build",
    "data_fetch",
    "data_sources",
    "data_table",
    "data_unseen",
    "data_verify",
    "dossier",
    "economy",
    "economy_summary",
    "explain",
    "exposure",
    "joint_plan",
    "known_places",
    "losses",
    "materials",
    "plan",
    "plan_charts",
    "plans",
    "profile",
    "ready_plan",
    "ready_vault",
    "risk",
    "risk_charts",
    "scenario_in_words",
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
