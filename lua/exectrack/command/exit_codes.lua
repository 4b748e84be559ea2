--- What the command ends with.
-- Used only by the command.
return {
  DONE = 0,
  FAILED = 1, -- it couldn't be done
  WRONG_USAGE = 2,
  VIOLATIONS = 3, -- what was checked isn't as it has to be
  INTERRUPTED = 130, -- what a shell reports of a process that Ctrl-C ended
  CLOSED_EARLY = 141, -- what a shell reports of a process that a broken pipe ended
}
