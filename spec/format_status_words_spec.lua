local status_words = require("exectrack.format.status_words")

local S, F, T, C = "success", "failed", "timed_out", "cancelled"

-- By what values are: values, their status and error type.
local CASES = {
  word = { { true, S }, { false, F }, { "ok", S }, { "OK", S }, { "Success", S },
    { "succeeded", S }, { "successful", S }, { "completed", S }, { "complete", S },
    { "done", S }, { "passed", S },
    { "finished", S }, { "failed", F }, { "ERROR", F }, { "errored", F }, { "failure", F },
    { "fail", F }, { "exception", F }, { "timed_out", T }, { "timeout", T }, { "TimedOut", T },
    { "timed-out", T }, { "timed out", T }, { "cancelled", C }, { "canceled", C }, { "aborted", C },
    { "interrupted", C }, { "killed", C }, { "warn" }, { "" }, { 200 }, { 0 }, { 1 }, { "1" },
    { "true" }, { {} } },
  http = { { 100, S }, { 200, S }, { 204.0, S }, { 301, S }, { 399, S }, { 400, F, "http_400" },
    { 404, F, "http_404" }, { "500", F, "http_500" }, { 599, F, "http_599" },
    { 408, T, "http_408" }, { 504, T, "http_504" }, { 499, C, "http_499" }, { true, S },
    { false, F }, { "ok", S }, { 99 }, { 600 }, { 0 }, { 200.5 }, { "200 OK" },
    { math.huge }, { {} } },
  exit = { { 0, S }, { "0", S }, { 1, F, "exit_1" }, { "2", F, "exit_2" }, { -9, F, "exit_-9" },
    { 124, T, "exit_124" }, { 130, C, "exit_130" }, { 143, C, "exit_143" },
    { 137, F, "exit_137" }, { 0.5 }, { true }, { {} }, { "timeout", T } },
  success = { { true, S }, { false, F }, { 1, S }, { 0, F }, { "yes", S }, { "No", F },
    { "TRUE", S }, { "0", F }, { "failed", F }, { 2 }, { {} }, { "maybe" } },
  failure = { { true, F }, { false, S }, { 1, F }, { 0, S }, { "no", S }, { "true", F }, { 7 } },
}

describe("the words for statuses", function()
  it("are those of a name", function()
    local translate = status_words.translator {}
    for meaning, cases in pairs(CASES) do
      for _, case in ipairs(cases) do
        assert.same({ meaning, case[1], case[2], case[3] }, { meaning, case[1],
          translate(case[1], meaning, true) })
      end
    end
  end)

  it("are first what they are said to be", function()
    local translate = status_words.translator { ["200"] = F, ["true"] = C, ok = T, Ok = C,
      ["*"] = S, ["1.5"] = F }
    for _, case in ipairs { { 200, F }, { 200.0, F }, { 201, S }, { 404, F, "http_404" },
      { true, C }, { "true", C }, { false, F }, { "ok", T }, { "OK", C }, { "Ok", C },
      { "what", S }, { 1.5, F },
      { {}, S } } do
      assert.same({ case[1], case[2], case[3] }, { case[1], translate(case[1], "http", true) })
    end
    assert.is_nil(translate("what", "http", false))
  end)

  it("are those that no value had", function()
    local translate, unused = status_words.translator { a = F, B = F, c = F, [""] = F, ["*"] = F,
      ["5"] = F }
    assert.same({ "5", "B", "a", "c" }, unused())
    for _, value in ipairs { "A", "b", "what", 5, {} } do
      translate(value, "word", true)
    end
    assert.same({ "c" }, unused())
  end)

  it("are booleans", function()
    for value, expected in pairs { [true] = true, [false] = false, [1] = true, [0] = false,
      ["true"] = true, ["1"] = true, yes = true, YES = true, ["False"] = false, ["0"] = false,
      t = true, F = false,
      no = false } do
      assert.equal(expected, status_words.boolean(value))
    end
    for _, value in ipairs { 2, "", "y", "2", "on", {} } do
      assert.is_nil(status_words.boolean(value))
    end
    assert.is_nil(status_words.boolean(nil))
  end)
end)
