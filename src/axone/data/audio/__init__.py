"""Recordings, in the order of the flow: `listing` and `transcripts` find them, `file` decodes one (`wav`, `codecs`,
`resample`), `cache` decodes each once, `recordings` holds them, `load` returns an `AudioData` with splits and notes;
`augment` and `features` turn a batch of samples into log-mel features, `stream` gives batches.
"""
