"""Texts as dates and times: read in every format (parse); what the values of a column prove of their order."""
