"""The report of a run: one HTML page that makes no request. The files, in the order of their use:

document            write_report: reads the run, renders the page, writes report.html
contents            RunContents: what the run's folder holds, and what is missing or damaged
page                the frame, the header, warnings and main numbers, then the sections
commands            section: the commands that continue from here
curves              section: metrics over the epochs
results             section: figures, tables and log texts
network             section: the drawing and the nodes of the network
settings            section: settings, machine, data
log                 section: what happened, in order
elements, format    HTML elements and texts that the sections share
embedded_figures    figures as data addresses
svg                 drawings inside the page, after a check of every element
report.css, report.js
"""
