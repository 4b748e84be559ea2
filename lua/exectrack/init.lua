--- exectrack records what an agent's tools did, in memory that never grows.
-- The C core does the work; `docs/` and `library/` describe what it returns.
return require("exectrack.core")
