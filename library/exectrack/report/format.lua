---@meta exectrack.report.format

--- Figures as people read them. Each function returns a string, which is empty for nil.
---@class exectrack.formatlib
local format = {}

--- A duration: `0.25 ms`, `12.5 ms`, `180 ms`, `2.40 s`, `1 min 05 s`, `3 h 12 min`, `2 d 04 h`.
---@param ms? number milliseconds, of either sign
---@return string
---@nodiscard
function format.duration(ms) end

--- A share: `0 %`, `0.4 %`, `12.5 %`, `100 %`. What is neither none nor all never looks so: it is
--- `<0.1 %` or `>99.9 %`.
---@param fraction? number 1 is all
---@return string
---@nodiscard
function format.percent(fraction) end

--- A number of things: `1,234,567`. A fraction is shown to two digits.
---@param number? number
---@return string
---@nodiscard
function format.count(number) end

--- A size: `512 B`, `1.50 KiB`, `24.0 MiB`.
---@param number? number
---@return string
---@nodiscard
function format.bytes(number) end

--- A point in time, to the second before: `2026-01-31 23:59:58`.
---@param seconds? number Unix seconds, from 0 to the year 9999
---@param zone? integer|"local" minutes ahead of UTC, or that of the machine; default UTC
---@return string
---@nodiscard
function format.time(seconds, zone) end

--- The day and the time of day: `2026-01-31` and `23:59:58`. Nil before 1970 and from the year 10000.
---@param seconds number Unix seconds
---@param zone? integer|"local" as of `time`
---@return string? day
---@return string? time
---@nodiscard
function format.day_and_time(seconds, zone) end

--- The name of a zone: `UTC`, `+05:30`, `local time`.
---@param zone? integer|"local" as of `time`
---@return string name
---@nodiscard
function format.zone(zone) end

--- A point in time as seen from another, to the unit below: `now`, `12 s ago`, `3 min ago`,
--- `in 2 h`.
---@param seconds? number Unix seconds, from 0 to the year 9999
---@param now number Unix seconds, such as the time at which a snapshot was taken
---@return string
---@nodiscard
function format.relative_time(seconds, now) end

--- A change as a share of what was before: `+12.5 %`, `-3.0 %`, `0 %`; from twice as much on as a
--- factor: `2.40 times` for 1.4. Empty for nil.
---@param share? number from -1: 1 is twice as much
---@return string
---@nodiscard
function format.change(share) end

--- A name of unknown origin, such as that of a tool, for use in a sentence: on one line, with
--- escapes such as `\n`, `\x1b` and `\u{202e}` for what would end it, command a terminal, hide or
--- reorder text, and with `\xff` for bytes that aren't UTF-8. No two names look alike: what reads as
--- an escape has its backslash twice, accents that aren't composed are escaped, and a name that is
--- empty or in parentheses is in quotes. Cells of the unit `name` don't need it.
---@param text? string
---@return string
---@nodiscard
function format.name(text) end

return format
