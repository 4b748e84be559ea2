local exectrack = require("exectrack")
local runs = require("spec.support.runs")

describe("from_table refuses inconsistent contents:", function()
  --- Asserts that `change` makes `runs.full()` inconsistent, as `message` says.
  local function contradiction(name, message, change)
    it(name, function()
      local form = runs.full():to_table()
      change(form, form.tools[1])
      local snapshot, actual, code = exectrack.from_table(form)
      assert.is_nil(snapshot)
      assert.equal(message, actual)
      assert.equal("invalid", code)
    end)
  end

  local HISTOGRAM = "a tool's histograms don't match its executions"
  local ENDS = "a tool's histograms don't match its shortest or longest duration"
  local TOTAL = "a tool's total doesn't match its shortest and longest durations"
  local STREAK = "a tool's failure streak is longer than its failures"
  local TIMES = "a tool's last times don't match its counts"
  local TEXT_PLACE = "a text is in the wrong place or is kept twice"
  local TEXT_RANGE = "a text is out of range"
  local WINDOW = "a tool's window counts more than its lifetime"

  contradiction("two names of one session", TEXT_PLACE, function(form)
    form.session_names[2] = form.session_names[1]
  end)
  contradiction("two texts of the same arguments", TEXT_PLACE, function(form)
    form.args_texts[2] = form.args_texts[1]
  end)
  contradiction("a fingerprint as the name of a session",
    "a session's name doesn't have the session's fingerprint", function(form)
      form.session_names[1].name = "#0000000f"
    end)
  contradiction("a text of no arguments", TEXT_RANGE, function(form)
    form.args_texts[1].args_hash = 0
  end)
  contradiction("an empty text", TEXT_RANGE, function(form)
    form.error_texts[1].text = ""
  end)
  contradiction("a count that is too high", HISTOGRAM, function(_, tool)
    tool.successful = 2
  end)
  contradiction("a count that is too low", TOTAL, function(_, tool)
    tool.failed, tool.successful, tool.failure_streak, tool.failure_rounds = 0, 0, 0, 0
    tool.last_failure_seconds = 0
  end)
  contradiction("counts that the records exceed", WINDOW, function(_, tool)
    tool.cancelled, tool.failed = 0, 2
  end)
  contradiction("cached hits that the records exceed", WINDOW, function(form)
    form.tools[2].cached_hits = 0
  end)
  contradiction("more cached hits than executions",
    "a tool's cached hits or total are out of range", function(_, tool)
      tool.cached_hits = 4
    end)
  contradiction("a total that is too high", TOTAL, function(_, tool)
    tool.total_duration_us = 3 * 1600 + 1
  end)
  contradiction("a total that is too low", TOTAL, function(form)
    form.tools[2].total_duration_us = 4999999
  end)
  contradiction("a total of all but successes that is too high",
    "a tool's total of all but successes is above its total", function(_, tool)
      tool.other_duration_us = 3101
    end)
  contradiction("a total of all but successes that is too low",
    "a tool's total of successes or of all else doesn't match its durations", function(form)
      form.tools[2].other_duration_us = 4999999
    end)
  contradiction("a shortest that is longer than the longest",
    "a tool's shortest or longest duration is out of range", function(_, tool)
      tool.min_duration_us = 1601
    end)
  contradiction("a shortest in another bucket", ENDS, function(_, tool)
    tool.min_duration_us = 1
  end)
  contradiction("a longest in another bucket", ENDS, function(_, tool)
    tool.max_duration_us = 1650
  end)
  contradiction("a bucket too many", HISTOGRAM, function(_, tool)
    tool.other_histogram.bucket_counts[2] = 1
  end)
  contradiction("a success among the others", HISTOGRAM, function(_, tool)
    tool.histogram.zero_count, tool.other_histogram.zero_count = 0, 1
  end)
  contradiction("buckets elsewhere", ENDS, function(_, tool)
    tool.other_histogram.offset = -602
  end)
  contradiction("buckets out of range", "a histogram's span is out of range", function(_, tool)
    tool.other_histogram.offset = 32767
  end)
  contradiction("an empty bucket at an end", "a histogram's span ends in an empty bucket",
    function(_, tool)
      tool.other_histogram.bucket_counts[8] = 0
    end)
  contradiction("a place of no buckets", "an empty histogram has a span", function(_, tool)
    tool.other_histogram.bucket_counts = {}
  end)
  contradiction("a place of no buckets, where nothing is counted", "an empty histogram has a span",
    function(form)
      form.tools[2].histogram.offset = 1
    end)
  contradiction("another scale", ENDS, function(_, tool)
    tool.other_histogram.scale = 5
  end)
  contradiction("a streak of more than the failures", STREAK, function(_, tool)
    tool.failure_streak = 2
  end)
  contradiction("more rounds than a streak is long", STREAK, function(_, tool)
    tool.failure_rounds = 2
  end)
  contradiction("a streak without a round", STREAK, function(_, tool)
    tool.failure_rounds = 0
  end)
  contradiction("a failure after the last end", TIMES, function(_, tool)
    tool.last_failure_microseconds = 1
  end)
  contradiction("two tools of one name", "a table of names has the same name twice", function(form)
    form.tools[2].name = "read"
  end)
  contradiction("two error types of one name", "a table of names has the same name twice",
  function(form)
    form.error_types[2] = "EIO"
  end)
  contradiction("an empty error type", "an error type is empty", function(form)
    form.error_types[1] = ""
  end)
  contradiction("records out of the order that they are said to have",
    "the records are out of order", function(form)
      form.in_order = true
    end)
  contradiction("more records than were recorded",
    "more records are retained than were recorded", function(form)
      form.recorded = 1
    end)
  contradiction("a snapshot that was taken before its tracker was made",
    "the latest time is out of range", function(form)
      form.taken_seconds = 1
    end)
  contradiction("something in flight that its tool doesn't count",
    "a tool's count of listed executions is wrong", function(form)
      form.in_flight[1].tool_id = 1
    end)
  contradiction("a serial that hasn't been given yet",
    "the list of executions in flight is out of order", function(form)
      form.in_flight[1].serial = 2
    end)
  contradiction("a serial that is none", "the list of executions in flight is out of order",
    function(form)
      form.in_flight[1].serial = 0
    end)
  contradiction("starts that are out of order", "the list of executions in flight is out of order",
    function(form)
      form.in_flight[2], form.tools[2].in_flight = form.in_flight[1], 2
    end)
end)
