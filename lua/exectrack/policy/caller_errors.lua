--- Error types of failures that are the caller's mistake: the tool works, and would answer other
-- arguments. Words stand for all types that have them.
return {
  -- Arguments that are wrong.
  "EINVAL", "http_400", "http_422", "bad request", "unprocessable entity", "-32602",
  "invalid_argument", "validation_error", "ValidationError", "validation", "bad argument",
  "invalid argument", "invalid arguments", "invalid input", "invalid parameter",
  "invalid parameters", "invalid params", "invalid value", "missing required", "is required",
  "no such field", "no such column", "no such table", "unknown field", "unknown column",
  "unknown option", "unrecognized arguments", "syntax error",
  -- What they name isn't there, or is of another kind.
  "ENOENT", "ENOTDIR", "EISDIR", "http_404", "not_found", "not found", "does not exist",
  -- It is there already.
  "EEXIST", "http_409", "conflict", "already_exists", "already exists", "not unique",
  "unique constraint",
  -- It isn't for this caller.
  "EACCES", "EPERM", "permission_denied", "permission", "not permitted",
  -- A command that ran, and whose answer is no: tests that fail, nothing found, wrong usage. What
  -- code says so depends on the command: 1, 2, 5 of pytest, 8 of ctest, 101 of cargo, 128 of git.
  "exit",
}
