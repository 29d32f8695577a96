"""Results in print: charts, tables and the decision brief, from finished results only.

`brief.write_brief(content, out)` turns a `brief_content.BriefContent` into PDF, HTML, JSON and
figures. Nothing here reads data or calculates a result.
"""
