"""Studies: many tasks calculated anywhere, kept in a folder, killed and resumed at will.

This room knows nothing of what a task calculates. One page each, in the order of use:

================== =========================================================================
`task`             `Task`: a key, and the plain data one calculation needs
`definition`       `StudyDefinition`: tasks, work, columns, identity; the run id is its hash
`runner`           `Runner`, and `SerialRunner`: here, one after the other
`process_runner`   `ProcessRunner`: several processes of this machine
`dask_runner`      `DaskRunner`: a Dask cluster
`run`              `run_study`: creates or resumes a folder, and returns its results
`results`          `read_results`: a finished folder, verified
`compare`          `compare`: two finished folders, row by row, with what was put in
================== =========================================================================

Behind them: `chunk` (what a worker does), `archive`, `manifest`, `durable`, `lock` (what lies on
disk), `identity` (hashes and differences of inputs).
"""
