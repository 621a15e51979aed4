"""What people see while something works: lines on a terminal, in a log, or in a notebook.

    text        safe lines on standard error, metrics on one line
    display     from the events of a run to lines, and a live line that is replaced
    terminal    the live line of a terminal; plain lines where there is none
    notebook    one updating output of a notebook

`open_display` chooses among them.
"""

from axone.display.choose import open_display as open_display
from axone.display.display import Display as Display
from axone.display.terminal import LogDisplay as LogDisplay
from axone.display.text import format_metrics as format_metrics
from axone.display.text import printable as printable
from axone.display.text import say as say
