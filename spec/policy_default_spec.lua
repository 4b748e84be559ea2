local exectrack = require("exectrack")
local markdown = require("spec.support.markdown")
local play = require("spec.support.play")
local policy = require("exectrack.policy")
local process = require("spec.support.process")

-- Sessions of agents, and what `policy.default()` decides in them: spec/support/play.lua says how
-- to read them. docs/policies.md shows some.

local FINE = {
  ["edits and runs the tests until they pass"] = [[
edit_file parser.c: check the sign      -> saved
run_tests                               !> exited with code 1: 1 of 20 failed
edit_file parser.c: check the length    -> saved
run_tests                               !> exited with code 1: 1 of 20 failed
edit_file parser.c: check both          -> saved
run_tests                               !> exited with code 1: 1 of 20 failed
edit_file parser.c: count from 1        -> saved
run_tests                               -> 20 passed
]],

  ["does all in one shell, which is told to edit and to run"] = [[
bash cat >solve.py (plan 1)  -> (nothing)
bash python3 solve.py        !> exited with code 1: wrong sum
bash cat >solve.py (plan 2)  -> (nothing)
bash python3 solve.py        !> exited with code 1: wrong sum
bash cat >solve.py (plan 3)  -> (nothing)
bash python3 solve.py        !> exited with code 1: wrong sum
bash cat >solve.py (plan 4)  -> (nothing)
bash python3 solve.py        -> 42
]],

  ["debugs a program that crashes"] = [[
edit_file main.c: init p     -> saved
run_program                  !> killed by signal 11
edit_file main.c: check p    -> saved
run_program                  !> killed by signal 11
edit_file main.c: no free    -> saved
run_program                  !> killed by signal 11
edit_file list.c: init next  -> saved
run_program                  !> killed by signal 11
edit_file list.c: copy name  -> saved
run_program                  !> killed by signal 11
edit_file list.c: no free    -> saved
run_program                  -> 42
]],

  ["runs the linter after each patch, which never has anything to say"] = [[
apply_patch rename a    -> done
lint                    -> no warnings
apply_patch rename b    -> done
lint                    -> no warnings
apply_patch rename c    -> done
lint                    -> no warnings
apply_patch rename d    -> done
lint                    -> no warnings
apply_patch rename e    -> done
lint                    -> no warnings
]],

  ["polls a job that gets on"] = [[
start_job report        -> job 7
job_status 7            -> queued
job_status 7            -> started
job_status 7            -> 20 %
job_status 7            -> 50 %
job_status 7            -> 70 %
job_status 7            -> 90 %
job_status 7            -> done
]],

  ["asks every hour, and gets the same answer"] = [[
check_mail              -> nothing new
wait 3600 s
check_mail              -> nothing new
wait 3600 s
check_mail              -> nothing new
wait 3600 s
check_mail              -> nothing new
wait 3600 s
check_mail              -> nothing new
]],

  ["looks for one thing under many names"] = [[
search retry            -> nothing
search backoff          -> nothing
search attempts         -> nothing
search again            -> nothing
search repeat           -> nothing
search loop             -> nothing
search try              -> net/try.c
]],

  ["reads files that aren't there, until it finds the one"] = [[
read_file config.json        !> config.json: No such file or directory
read_file config.yaml        !> config.yaml: No such file or directory
read_file config.toml        !> config.toml: No such file or directory
read_file etc/config.json    !> etc/config.json: No such file or directory
read_file etc/config.yaml    !> etc/config.yaml: No such file or directory
read_file etc/config.toml    -> [server]
]],

  ["submits one answer after another that is wrong"] = [[
compute with x = 1      -> 41
submit 41               -> wrong
compute with x = 2      -> 42
submit 42               -> wrong
compute with x = 3      -> 43
submit 43               -> wrong
compute with x = 4      -> 44
submit 44               -> right
]],
}

local WRONG = {
  ["runs the tests again without a change between"] = [[
edit_file parser.c: check the sign      -> saved
run_tests                               !> exited with code 1: 1 of 20 failed
run_tests                               !> exited with code 1: 1 of 20 failed
run_tests                               !> exited with code 1: 1 of 20 failed  # warn repeated_call
run_tests                               !> exited with code 1: 1 of 20 failed  # deny repeated_call
edit_file parser.c: check the length    -> saved
run_tests                               -> 20 passed
]],

  ["runs the same command in a shell that just failed"] = [[
bash cat >solve.py (plan 1)  -> (nothing)
bash python3 solve.py        !> exited with code 1: wrong sum
bash python3 solve.py        !> exited with code 1: wrong sum
bash python3 solve.py        !> exited with code 1: wrong sum  # warn repeated_call
bash python3 solve.py        !> exited with code 1: wrong sum  # deny repeated_call
bash cat >solve.py (plan 2)  -> (nothing)
bash python3 solve.py        -> 42
]],

  ["books the same flight again, which fails for the same reason"] = [[
search_flights SFO to JFK               -> HAT023, HAT204
book_flight HAT204, gift card           !> gift card balance is not enough
book_flight HAT204, gift card           !> gift card balance is not enough
book_flight HAT204, gift card           !> gift card balance is not enough  # warn repeated_call
book_flight HAT204, gift card           !> gift card balance is not enough  # deny repeated_call
book_flight HAT204, gift card           !> gift card balance is not enough  # deny repeated_call
book_flight HAT204, credit card         -> booked
]],

  ["fetches the same page again and again, until it has waited"] = [[
fetch page 1            !> HTTP 503
wait 60 s
fetch page 1            !> HTTP 503
wait 60 s
fetch page 1            !> HTTP 503  # warn repeated_call
wait 60 s
fetch page 1            !> HTTP 503  # deny repeated_call
wait 300 s
fetch page 1            !> HTTP 503  # deny repeated_call
wait 300 s
fetch page 1            !> HTTP 503
wait 60 s
fetch page 1            -> page 1
]],

  ["submits the same answer again after it was wrong"] = [[
compute with x = 1      -> 41
submit 41               -> wrong
compute with x = 1      -> 41
submit 41               -> wrong
compute with x = 1      -> 41
submit 41               -> wrong  # warn repeated_call
compute with x = 1      -> 41
submit 41               -> wrong  # deny repeated_call
compute with x = 2      -> 42
submit 42               -> right
]],

  ["reads the same three files in turn"] = [[
read_file a.c           -> int a;
read_file b.c           -> int b;
read_file c.c           -> int c;
read_file a.c           -> int a;
read_file b.c           -> int b;
read_file c.c           -> int c;
read_file a.c           -> int a;  # warn repeated_call
read_file b.c           -> int b;  # warn repeated_call
read_file c.c           -> int c;  # warn repeated_call
read_file a.c           -> int a;  # deny repeated_call
edit_file a.c: int a;   -> saved
read_file a.c           -> int a;
]],

  ["has a cache in front of a service that is dead"] = [[
fetch page 1                  !> HTTP 503
2 at once: fetch old page %d  -> a page (cached)
fetch page 2                  !> HTTP 503
2 at once: fetch old page %d  -> a page (cached)
fetch page 3                  !> HTTP 503
fetch page 4                  !> HTTP 503
fetch page 5                  !> HTTP 503
fetch page 6                  -> page 6  # deny circuit_open
wait 5 s
fetch page 6                  -> page 6
fetch page 7                  -> page 7
]],

  ["calls a service that fails for all at once"] = [[
64 at once: fetch page %d    !> HTTP 503
fetch page 65                -> page 65  # deny circuit_open
wait 5 s
8 at once: fetch page %d     -> a page   # 7 of 8: deny circuit_half_open
8 at once: fetch page %d     -> a page
]],

  ["makes a trial call that hangs"] = [[
5 at once: deploy to host %d    !> connection refused
deploy to host 6                -> done  # deny circuit_open
wait 5 s
deploy to host 6                ...
deploy to host 7                -> done  # deny circuit_half_open
wait 5 s
deploy to host 7                -> done
deploy to host 8                -> done
]],
}

--- A function for each session, which plays it.
local function each_is_decided(sessions)
  for what, session in pairs(sessions) do
    it(what, function()
      assert.equal(session, play(session))
    end)
  end
end

describe("policy.default() objects to nothing of an agent that", function()
  each_is_decided(FINE)
end)

describe("policy.default() stops an agent that", function()
  each_is_decided(WRONG)
end)

describe("docs/policies.md", function()
  it("shows sessions of these as they are", function()
    local known, shown = {}, 0
    for _, sessions in ipairs { FINE, WRONG } do
      for _, session in pairs(sessions) do
        known[session] = true
      end
    end
    for _, block in ipairs(markdown.blocks(process.read_file("docs/policies.md"))) do
      if block.language == "session" then
        assert.is_true(known[block.text], "line " .. block.line)
        shown = shown + 1
      end
    end
    assert.equal(4, shown)
  end)
end)

describe("policy.default", function()
  local function decide(options, error_type, count, args_hash)
    local tracker = exectrack.new(100)
    for _ = 1, count do
      tracker:record { tool = "a", status = "failed", duration_ms = 0, error_type = error_type,
        args_hash = args_hash }
    end
    local decision = policy.default(options) { tracker = tracker, tool = "a",
      args_hash = args_hash or 0, now = tracker:snapshot():created() }
    return decision and decision.action .. " " .. decision.reason
  end

  it("has a circuit breaker for which only failures that are the tool's own count", function()
    assert.is_nil(decide(nil, "http_503", 4))
    assert.equal("deny circuit_open", decide(nil, "http_503", 5))
    assert.is_nil(decide(nil, "not enough seats", 20))
    assert.is_nil(decide(nil, "signal_11", 20))
  end)

  it("has the options of its parts", function()
    assert.equal("deny circuit_open",
      decide({ circuit_breaker = { failures = 2 } }, "http_503", 2))
    assert.equal("deny circuit_open",
      decide({ circuit_breaker = { only = false } }, "not enough seats", 5))
    assert.is_nil(decide({ circuit_breaker = { only = { "EIO" } } }, "http_503", 20))
    assert.equal("deny repeated_call", decide({ loop_guard = { repeats = 5 } }, "boom", 5, 7))
    assert.equal("warn repeated_call", decide({ loop_guard = { repeats = 5 } }, "boom", 4, 7))
    assert.is_nil(decide({ loop_guard = { exempt = { "a" } } }, "boom", 5, 7))
  end)

  it("doesn't change the options", function()
    local options = { circuit_breaker = { failures = 2 }, loop_guard = {} }
    policy.default(options)
    assert.same({ circuit_breaker = { failures = 2 }, loop_guard = {} }, options)
  end)
end)
