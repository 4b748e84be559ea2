"""Reads agents' logs by itself, for format_agent_logs_compare_spec: what exectrack reads has to be
the same. Each line of the standard input is the array of a format and of texts, each an array of
its name and the text. For each, a line is printed: the array of the rows of its executions."""
import json
import sys
from importlib import import_module

from calls import Log

for case in sys.stdin.buffer:
    format_name, texts = json.loads(case)
    log = Log()
    for source, text in texts:
        import_module(format_name).read(log, source, text)
    print(json.dumps(sorted(log.rows()) + sorted(log.arguments())))
