"""What the columns of the European Commission's tables mean."""

from __future__ import annotations

from lodestone.atlas.cards import FACT_COLUMNS, Column, TableCard
from lodestone.atlas.readers.ec.printed import SOURCE_2017, SOURCE_2023, SOURCE_LISTS

_FACT = {"fact": FACT_COLUMNS["fact"]}
_MATERIAL = {
    "material": Column("material id; null where the material is none of ours (cork, hydrogen)"),
    "detail": Column("name as printed"),
}
_RISK = "Commission's scale: 0 upwards, critical from 1"
_IMPORTANCE = "Commission's scale: 0 upwards, critical from 2.8"
_GOVERNED_HHI = "sum of squared shares times governance (0 good to 10 bad) times t"

CARDS: dict[str, TableCard] = {
    "ec_trade_parameter": TableCard(
        "Parameter t of each share row of the 2023 study: export restrictions raise it, agreements "
        "and membership lower it",
        {
            **_FACT,
            "material": Column("material id"),
            "stage": Column("mine, refine or product; null where the share is of none of these"),
            "detail": Column("name as printed, with extraction or processing"),
            "place": Column("ISO3 of the supplying country, or XOT"),
            "scope": Column("world (supply shares) or EU27 (sourcing shares)"),
            "t": Column("multiplier of the country's term, 0.8 to 1.5; 1 changes nothing", "ratio"),
        },
        (SOURCE_2023,),
    ),
    "ec_end_uses": TableCard(
        "End uses of materials in the EU by application and sector, 2023 study",
        {
            **_FACT,
            "material": Column("material id"),
            "detail": Column("name as printed"),
            "application": Column("application as printed"),
            "share": Column("share of the material's use in the EU", "share"),
            "low": Column("lower bound of the rounded per cent", "share"),
            "high": Column("upper bound of the rounded per cent", "share"),
            "nace2": Column("NACE Rev. 2 division (C24 ...); null where none is printed"),
            "sector": Column("code and name of the division; null where none is printed"),
            "va_mn_eur": Column("value added of the whole sector in the EU", "million EUR"),
            "flag": Column(
                "reported, more_than or less_than, small, suspect (the shares of the material do "
                "not sum to one), joined by ;"
            ),
            "note": Column("mendings; null where there are none"),
        },
        (SOURCE_2023,),
    ),
    "ec_scores": TableCard(
        "Supply risk and economic importance in the five studies",
        {
            **_FACT,
            **_MATERIAL,
            "year": Column("year of the study: 2011, 2014, 2017, 2020 or 2023"),
            "supply_risk": Column("supply risk; null where not assessed", _RISK),
            "economic_importance": Column(
                "economic importance; null where not assessed. 2011 and 2014 used another method",
                _IMPORTANCE,
            ),
        },
        (SOURCE_2023,),
    ),
    "ec_crm2017": TableCard(
        "Inputs and results of the 2017 study, one row a material or group. Null where the study "
        "sets a number aside or does not print it",
        {
            **_FACT,
            **_MATERIAL,
            "stage": Column("stage assessed: mine or refine"),
            "supply_used": Column("which concentration the score rests on: world, eu or both"),
            "supply_risk": Column("supply risk", _RISK),
            "economic_importance": Column("economic importance", _IMPORTANCE),
            "import_reliance_pct": Column("import reliance of the EU", "percent"),
            "eol_rir_pct": Column("end-of-life recycling input rate", "percent"),
            "substitution_ei": Column("substitution index of economic importance", "0 to 1"),
            "substitution_sr": Column("substitution index of supply risk", "0 to 1"),
            "hhi_wgi_t_world": Column("concentration of world supply", _GOVERNED_HHI),
            "hhi_wgi_t_eu": Column("concentration of EU supply (28 members)", _GOVERNED_HHI),
            "sr_world_only": Column("supply risk with world supply alone", _RISK),
            "sr_eu_only": Column("supply risk with EU supply alone", _RISK),
            "sr_both": Column("supply risk with both, weighted by import reliance", _RISK),
        },
        (SOURCE_2017,),
    ),
    "ec_lists": TableCard(
        "Annex I (strategic) and Annex II (critical) of Regulation (EU) 2024/1252",
        {
            **_FACT,
            "list": Column("EU_SRM_2024 (Annex I) or EU_CRM_2024 (Annex II)"),
            "material": Column("material id"),
            "entry": Column("entry as printed"),
            "basis": Column("where the compiler of the raw file read the entry"),
            "url": Column("address of that"),
        },
        (SOURCE_LISTS,),
    ),
    "ec_groupings": TableCard(
        "Group of each screened material of the 2023 study, in its four ways of grouping",
        {
            **_FACT,
            **_MATERIAL,
            "group_plain": Column("rare earths as one group, platinum metals not apart"),
            "group_with_pgm": Column("platinum metals apart"),
            "group_with_split_ree": Column("rare earths split into heavy and light"),
            "group_with_both": Column("both"),
        },
        (SOURCE_2023,),
    ),
}
