"""Published methods on labelled numbers: pure functions, no disk, network or screen.

Inputs are `Panel` (numbers by material and stage, place, year), `Flows` (trade) and `Governance`;
every answer is an `Assessment` with a number or a named gap in each cell. One method per file:

======================================= ====================================================
`hhi`                                   concentration of supply, plain and governance-weighted
`ec_supply_risk`, `ec_criticality`      European Commission: SR, bottleneck, EI, critical or not
`sourcing`                              EC inputs from our own baseline, for any buyer
`geopolrisk`                            GeoPolRisk score of places and blocs
`net_import_reliance`                   USGS definition
`trade_exposure`                        in the manner of the USGS, in all or on one supplier
`n_minus_1`                             without the largest supplier, both readings
`reserves_over_production`              static years of reserves
`look_through_dependence`               largest supplier as shipped and as made
`crm_act_scoreboard`                    10 / 40 / 25 / 65 % of the Critical Raw Materials Act
`scorecard`                             all of them for one place
`technology_position`                   stages controlled, dependence by technology, levers
`published_inputs`                      the same on a publisher's numbers, beside its results
======================================= ====================================================
"""
