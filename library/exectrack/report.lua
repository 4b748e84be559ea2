---@meta exectrack.report

--- Reports: what a run says, as data, and as text, Markdown, HTML, JSON or CSV. A report is made by
--- a function of a snapshot and a table of options. Those here count the records of the snapshot;
--- what policies denied and what is in flight is that of the whole run, unless the option
--- `selection` says more. An option that is unknown or wrong raises an error that names it. The
--- renderers escape all text, so that it may come from the name of a tool.
---@class exectrack.reportlib
---@field format exectrack.formatlib how figures are written
local reports = {}

--- What a run says.
---@class exectrack.Report
---@field title string
---@field subtitle? string
---@field source? exectrack.ReportSource where the report came from
---@field sections exectrack.ReportSection[]

--- Where a report came from.
---@class exectrack.ReportSource
---@field files? string[] the paths of the runs
---@field version? string of exectrack
---@field taken? number when the newest snapshot was taken, in Unix seconds
---@field chosen? string which executions were chosen, in words; nil if all were

--- A part of a report: text, a table and a chart, each if there is one.
---@class exectrack.ReportSection
---@field title string
---@field text? string an empty line begins a new paragraph
---@field layout? "table"|"figures" with figures, each row is a list of headings and values; default
--- `table`
---@field columns? exectrack.ReportColumn[] with `rows`, or neither
---@field rows? table<string, string|number|boolean>[] all rows: values by field; fields that no
--- column names are left out, so the rows of `Snapshot:group_by` will do
---@field limit? integer how many of the rows text, Markdown and HTML show at first; default all
---@field noun? string what the rows are, such as `tools`, for a sentence that says how many there are
---@field chart? exectrack.Chart

--- A column of a table.
---@class exectrack.ReportColumn
---@field field string which field of the rows it shows
---@field heading? string what stands above it; default the field
---@field unit? exectrack.ReportUnit what its values are; default none: text, or plain numbers
---@field none? string what people see where a row has no value; default nothing
---@field none_counts? string a field with a count: where it is 0, people don't see `none`
---@field bar? boolean whether its values are drawn as bars, too
---@field priority? integer from 1: columns with 1, the default, are always shown; of the others,
--- text that is too wide leaves out those with the largest number first, and of the fields
--- `before_x` and `after_x` both
---@field data_only? boolean whether only CSV and JSON have it

--- What values are, which says how they are aligned and written. Text of the unit `status` is
--- coloured: `success`, `better` and `ok` are good; `bad`, `failed`, `timed_out`, `worse` and
--- `deny` are bad; `warning` and `warn` are in between; `cancelled`, `allow`, `small` and `noise`
--- are pale; in timelines, `in_flight` has a colour of its own.
---@alias exectrack.ReportUnit
---| "ms" # a duration, in milliseconds
---| "percent" # a share: 1 is all
---| "change" # a change, as a share of what was before: 1 is twice as much, -1 nothing
---| "count" # a number of things
---| "time" # Unix seconds
---| "bytes" # a size
---| "name" # a name of unknown origin, shown so that no other looks like it
---| "status" # text that is coloured by what it means
---| "place" # where something is in a log, such as `a.jsonl:12`; narrow tables have its end
---| "command" # a command line, to paste into a shell

--- What the values of a chart are; plain numbers without it.
---@alias exectrack.ChartUnit "ms"|"percent"|"count"|"bytes"

--- A chart, as data. Its numbers are finite.
---@alias exectrack.Chart
---| exectrack.BarChart
---| exectrack.TimelineChart
---| exectrack.DensityChart
---| exectrack.HistogramChart
---| exectrack.LineChart

--- Values beside each other.
---@class exectrack.BarChart
---@field kind "bars"
---@field title? string the section's
---@field unit? exectrack.ChartUnit
---@field bars exectrack.Bar[]

---@class exectrack.Bar
---@field label string
---@field value number from 0
---@field status? string its colour, as in a column of unit `status`

--- Executions as coloured lanes over time.
---@class exectrack.TimelineChart
---@field kind "timeline"
---@field title? string the section's
---@field from? number Unix seconds when the axis begins, if some spans begin earlier
---@field spans exectrack.TimelineSpan[] their lanes are in the order in which they come; of more
--- than 16, the last ones are drawn as one; those of a lane that overlap are drawn below each other

---@class exectrack.TimelineSpan
---@field lane string
---@field from number Unix seconds
---@field to number Unix seconds, not before `from`
---@field status? string its colour, as in a column of unit `status`
---@field label? string
---@field untimed? boolean whether only its end is known; then `from` is `to`

--- How many executions there were in each interval of time, as lanes.
---@class exectrack.DensityChart
---@field kind "density"
---@field title? string the section's
---@field every number seconds: how long the intervals are
---@field cells exectrack.DensityCell[] their lanes are in the order in which they come; of more
--- than 16, the last ones are drawn as one

---@class exectrack.DensityCell
---@field lane string
---@field time number Unix seconds when the interval begins, at most 10,000 intervals after the first
---@field count number from 0
---@field failed? number how many of these failed or timed out; default 0

--- How values are distributed.
---@class exectrack.HistogramChart
---@field kind "histogram"
---@field title? string the section's
---@field unit? exectrack.ChartUnit of `from` and `to`
---@field buckets exectrack.ChartBucket[] ascending

---@class exectrack.ChartBucket
---@field from number
---@field to number not below `from`
---@field count number from 0

--- Figures over time.
---@class exectrack.LineChart
---@field kind "line"
---@field title? string the section's
---@field unit? exectrack.ChartUnit of the values
---@field every? number seconds: each value is that of the interval of this length that begins with its
--- time
---@field lines exectrack.ChartLine[]

---@class exectrack.ChartLine
---@field label string
---@field points exectrack.ChartPoint[] ascending by time

---@class exectrack.ChartPoint
---@field time number Unix seconds
---@field value? number nil for a gap, which interrupts the line

--- Options of each built-in report.
---@class exectrack.ReportOptions
---@field name? string what titles call a run that has no label; default nothing
---@field run? string the words that name the run in commands to paste, such as `agent.run`;
--- default `RUN`
---@field selection? table which of the run's executions the snapshot has, of
--- which what is in flight and what was denied is shown, too: by `tool`, `session` and `exclude`,
--- the names of tools that it hasn't; the newest denied calls also by `since` and `before`, Unix
--- seconds; and its `status`, if it has not all, so that shares of failures say nothing; default all
---@field timezone? integer|"local" the zone of times in sentences, as `RenderOptions` has it for
--- tables and charts; default UTC
---@field retained? integer how many executions the run had retained before some were chosen, from 0;
--- default unknown
---@field died? table[] of a merged run, those of the runs that it is made of whose processes died with
--- something in flight, which merging leaves out: tables with `run`, a snapshot as it was loaded, and
--- perhaps its `name`, `session`, the only one that is chosen of it, or an array of those, and
--- `is_left_out`, whether what was in flight of it isn't chosen; default none
---@field whole? exectrack.Snapshot the run that the snapshot was filtered from: a call that was left
--- out still isn't the own time of the call that it was made within; default the snapshot

--- How much an overview lists.
---@class exectrack.OverviewOptions: exectrack.ReportOptions
---@field top? integer how many of the slowest and of the newest executions, from 0; default 5
---@field timeline? integer how many of the newest executions the timeline shows, from 0; default
--- 200; fewer if long pauses would leave no room for them

--- What there is to know first: totals, what stands out, each tool, a timeline, the slowest and the
--- newest executions, what policies denied, what is in flight. Time that a call took for calls made
--- within it counts once in the totals. If the run recorded more than it retained, the totals have
--- the figures of its lifetime, too. O(n log n) for n records.
---@param snapshot exectrack.Snapshot
---@param options? exectrack.OverviewOptions
---@return exectrack.Report
---@nodiscard
function reports.overview(snapshot, options) end

--- How much a report of failures lists.
---@class exectrack.FailuresOptions: exectrack.ReportOptions
---@field top? integer how many of the newest failures, from 0; default 20

--- What failed or timed out: by error type, what errors said, by tool with the longest streak of
--- failures, over time, and the newest failures. O(records).
---@param snapshot exectrack.Snapshot
---@param options? exectrack.FailuresOptions
---@return exectrack.Report
---@nodiscard
function reports.failures(snapshot, options) end

--- How much a report of latency shows.
---@class exectrack.LatencyOptions: exectrack.ReportOptions
---@field top? integer of how many tools to show a histogram, from 0; default 5

--- How long calls take: quantiles by tool, the median and p95 over time, and histograms of the
--- tools that took the most time. Calls that a cache answered, that were cancelled or that weren't
--- measured are left out; those that failed or timed out count with the time that they took.
--- O(records).
---@param snapshot exectrack.Snapshot
---@param options? exectrack.LatencyOptions
---@return exectrack.Report
---@nodiscard
function reports.latency(snapshot, options) end

--- How much a report of loops lists.
---@class exectrack.LoopsOptions: exectrack.ReportOptions
---@field top? integer how many of the repeated calls, from 0; default 20

--- Calls that were made more than once in a session, of the same tool with the same arguments and
--- result, and the time that went into repeating them. O(n * log n).
---@param snapshot exectrack.Snapshot
---@param options? exectrack.LoopsOptions
---@return exectrack.Report
---@nodiscard
function reports.loops(snapshot, options) end

--- How much a report of sessions lists.
---@class exectrack.SessionsOptions: exectrack.ReportOptions
---@field top? integer how many of the sessions, from 0; default 50

--- What each session did, how it ended, and which stand out: with more calls, more failures, or loops.
--- O(n * log n).
---@param snapshot exectrack.Snapshot
---@param options? exectrack.SessionsOptions
---@return exectrack.Report
---@nodiscard
function reports.sessions(snapshot, options) end

--- What to compare a run with, and what counts as a difference.
---@class exectrack.CompareOptions: exectrack.ReportOptions
---@field before exectrack.Snapshot the run before
---@field before_name? string what the title calls the run before if it has no label
---@field before_whole? exectrack.Snapshot for the run before, what `whole` is for the other
---@field significance? number the probability that the report takes noise for a difference
--- anywhere, if calls don't depend on each other, above 0, up to 1; default 0.01
---@field least_change? number by how much of the median before medians have to differ, from 0;
--- default 0.05
---@field least_rate_change? number by how much shares of failures have to differ, from 0 to 1; default
--- 0.01

--- What differs between two runs, tool by tool, and whether it is more than noise: how long calls
--- take that succeeded and that no cache answered, by the Mann-Whitney U test; how many of them are
--- above the p95 before, how often executions fail that weren't cancelled, and how often they are
--- cancelled, also of all tools together, by Fisher's exact test; and how long calls of all tools
--- together take, by the Mantel-Haenszel test. A tool that is new is held against all tools before
--- in what fails or is cancelled. The probabilities are corrected for the number of tests by Holm's method.
--- O(n * log n).
---@param snapshot exectrack.Snapshot the run after
---@param options exectrack.CompareOptions
---@return exectrack.Report
---@nodiscard
function reports.compare(snapshot, options) end

--- Which policy to replay, and how.
---@class exectrack.PolicyReportOptions: exectrack.ReportOptions
---@field policy exectrack.Policy
---@field enforce? boolean whether an execution that is denied doesn't take place in the replay;
--- default true
---@field top? integer how many decisions to list, from 0; default 20

--- What a policy would have decided about the executions of a run, and what would have come of it,
--- as `policy.replay` says. What the policy raises is raised. O(n * log n), and n times the policy.
---@param snapshot exectrack.Snapshot
---@param options exectrack.PolicyReportOptions
---@return exectrack.Report? report nil if the policy needs a time that there isn't
---@return string? message names an execution whose time it needs
---@return string? code `undated`
---@nodiscard
function reports.policy(snapshot, options) end

--- Options of the formats.
---@class exectrack.RenderOptions
---@field width? integer text: the columns that it may take, 20 to 1,000; default 80
---@field color? boolean text: whether to use the colours of a terminal; default false
---@field ascii? boolean text: whether to use ASCII alone; default false
---@field section? integer|string CSV: the number or title of the one section to render; default
--- all, each row with the title of its section in front
---@field bom? boolean CSV: whether to begin with a byte-order mark, so that Excel reads UTF-8;
--- default false
---@field page? boolean HTML: whether to make a page; false for its sections alone, as HTML to put
--- into another; default true
---@field timezone? integer|"local" text, Markdown, HTML: the zone of times, in minutes ahead of UTC,
--- or the machine's own; default UTC

--- Renders a report. An error names what is wrong with it, with the format, or an option. O(rows).
---@param report exectrack.Report
---@param format_name "text"|"markdown"|"html"|"json"|"csv"
---@param options? exectrack.RenderOptions those of this format
---@return string
---@nodiscard
function reports.render(report, format_name, options) end

--- Checks that a value is a report. O(rows).
---@param value any
---@return true? ok
---@return string? message what is wrong, and where: `sections[2].columns[1].unit: …`
---@nodiscard
function reports.check(value) end

return reports
