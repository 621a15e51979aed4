"""A run on disk. The files, in the order of their use by a training:

    folder         creates the folder of a run, and finds it again by its name
    lock           one writer per run; who writes it
    recorder       the writer: events, checkpoints, figures, results; throttle: how often progress is recorded
    events         the history, events.jsonl and metrics.csv
    checkpoints    weights and state that survive a kill; tensors: their serialization
    manifest       size and sha256 of every file; checked_json: files with their own sha256
    verification   compares the files with the manifest; compatibility: whether a run can be resumed here
    status         the state of a run, derived from its files; listing: all runs, read again only when they changed
    follow         the events as they are written; stop_request: asking the writer to stop
    output_files   files that commands add: reports, samples
    files, reading, links    writing atomically, and reading without leaving the folder
    report/        the run as one HTML page

Only `checkpoints`, `tensors` and `recorder` load torch: processes that merely read runs (`axone runs`) stay light.
"""
