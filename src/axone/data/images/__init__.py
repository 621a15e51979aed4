"""Images, in the order of the flow: `load` finds them (`listing`, `folder`, `file`, `cache`), `dataset` holds them,
`duplicates` and `report` describe them, `stream` gives batches (`augment`, `normalize`). `collection`, `patches` and
`noise` serve restoration; `pairs` and `edges` serve translation.
"""
