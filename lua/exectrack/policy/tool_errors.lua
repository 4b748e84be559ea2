--- Error types of failures that are the tool's own, whatever it was asked: it can't be reached, or
-- is overloaded. Words stand for all types that have them.
return {
  -- It takes no more calls for now.
  "http_429", "rate limit", "rate_limit", "rate limited", "rate_limited", "rate_limit_exceeded",
  "rate_limit_error", "RateLimitError", "rate exceeded", "too many requests", "throttled",
  "throttling", "ThrottlingException", "resource_exhausted", "ResourceExhausted", "quota exceeded",
  "insufficient_quota", "server is busy", "server busy", "too busy",
  -- The service says that it doesn't work.
  "http_500", "http_502", "http_503", "http_504", "http_520", "http_521", "http_522", "http_523",
  "http_524", "http_529", "unavailable", "service_unavailable", "ServiceUnavailable",
  "ServiceUnavailableError", "overloaded", "overloaded_error", "OverloadedError", "internal error",
  "internal_error", "server error", "internal_server_error", "InternalServerError", "bad gateway",
  "database is locked", "-32000", "-32001", "-32603",
  -- It can't be reached.
  "ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN",
  "ENETUNREACH", "EAI_AGAIN", "connection refused", "connection reset", "connection closed",
  "connection failed", "connection error", "connection lost", "connection attempts failed",
  "ConnectionError", "APIConnectionError", "ConnectError", "connect error", "could not connect",
  "cannot connect", "failed to connect", "not connected", "server disconnected", "empty reply",
  "socket hang up", "fetch failed", "MaxRetryError", "network error", "network unreachable",
  "unreachable", "temporary failure",
  -- The machine has no more of something.
  "EIO", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EDQUOT", "out of memory",
}
