---@meta _

--- How to send runs to a receiver of OTLP, OpenTelemetry's protocol, over HTTP. At least one URL is
--- needed for each signal.
---@class exectrack.PushOptions
---@field post fun(url: string, headers: table<string, string>, body: string): integer?, any, (string|boolean)?
--- sends a POST request, follows no redirect, and returns the status of the answer, its headers, a
--- table or nil, and its body, a string or nil; or nil and a message if there is no answer, and true
--- if there will be none until somebody changes something, such as a certificate: then waiting is of no
--- use. It may yield
---@field endpoint? string the URL of the receiver, such as `http://localhost:4318`, to which
--- `/v1/metrics` and `/v1/traces` are added
---@field metrics_endpoint? string the URL for metrics, which is used as it is
---@field traces_endpoint? string the same for spans
---@field signals? ("metrics"|"traces")[] what to send; default both
---@field headers? table<string, string> added to each request, such as `Authorization`
---@field protocol? "protobuf"|"json" default `protobuf`
---@field resource? table<string, string> as in exectrack.ExportOptions
---@field texts? boolean whether spans have the texts of arguments and errors; default false
---@field max_buckets? integer the most buckets of a histogram, 2 to 512; default 160
---@field session_idle? number after how many seconds without a call a session counts as ended while the
--- run goes on, finite, above 0; default 600
---@field compress? fun(bytes: string): string returns the body of a request in the format of gzip
---@field sleep? fun(seconds: number) waits before a request is tried again. It may yield. Without it each
--- request is tried once
---@field max_wait? number for how many seconds one `send` waits in all, finite, from 0; default 30
---@field on_note? fun(note: string) is called with each sentence about what was rejected by the
--- receiver, lost or left out, or about a request that is tried again
---@field state? exectrack.PushState what was sent, of an earlier pusher; default nothing

--- Sends runs to a receiver, and remembers what of each was sent, by its `instance_id`. It belongs to
--- no tracker: it is given their snapshots, and has a position in each run, which `forget` drops. That
--- takes some 500 bytes, 100 for each session whose span was sent, and while calls are held back a number
--- for each record after the first of them. If functions that were given yield, `send` must not be
--- called again before it has returned.
---@class exectrack.Pusher
local Pusher = {}

--- How to send a run.
---@class exectrack.SendOptions
---@field has_ended? boolean whether nobody records into the run any more. By default that is so for a
--- recorder whose writer has closed it or has died, and not for any other run

--- Sends a run: its metrics whole, and the spans that weren't sent before. A request has at most 2,000
--- spans; after the status 413, half as many, and so on, down to 1. A run that has nothing new since it
--- was sent is not sent again.
---
--- A span within another call is held back while that call is in flight, so that its parent is right,
--- unless half of `max_history` has been recorded since. The span around a session is sent once, when
--- the run has ended, or nothing of the session has been in flight for `session_idle`.
---
--- A request is tried again after a lost connection and after the statuses 429, 502, 503 and 504, up to
--- 6 times: after as long as the answer's `Retry-After` says, else after about 1, 2, 4 … seconds. If
--- that doesn't help, its spans stay to be sent the next time. The statuses 400 and 422, and 413 for a
--- single span, say that the content is at fault: the spans of that request are dropped, as OTLP
--- demands, if this pusher has had spans accepted before; after 413, since it last dropped one that was
--- too large. Metrics are never dropped. After any other failure, and after a success whose answer is
--- HTML, nothing is tried again within `send`, and all stays to be sent the next time. O(records).
---@param snapshot exectrack.Snapshot one that isn't filtered
---@param options? exectrack.SendOptions
---@return true? sent nil if anything wasn't accepted
---@return string? message names the URL without its query, and what the receiver said
---@return string? code `unavailable`, there was no answer, or one that says to try again; `post`, `post`
--- or `compress` raised or returned what it mustn't; `refused`, it was another failure, which may be due
--- to a wrong URL, a key, or the receiver; `dropped`, the receiver says that the content is at fault. Of
--- several failures it is the first in this order. Only what was dropped counts as sent. What `sleep` or
--- `on_note` raises is raised
---@return number? seconds after which to try again, up to 3,600, if the code is `unavailable`
function Pusher:send(snapshot, options) end

--- What became of what was to be sent.
---@class exectrack.PushCounts
---@field requests integer how many were accepted, those too of which the receiver rejected a part
---@field spans integer how many were in accepted requests, with those that were rejected
---@field rejected_spans integer how many of them the receiver said to have rejected
---@field rejected_data_points integer the same for metrics
---@field dropped_spans integer how many were in requests that were dropped, as it said that they are wrong
---@field lost integer executions that were overwritten, or cleared, before they were sent; none of runs
--- whose `max_history` is 0

--- What became of what was to be sent since the pusher was made. O(1).
---@return exectrack.PushCounts
---@nodiscard
function Pusher:counts() end

--- Forgets what was sent of a run: it is sent whole, if it is given again.
---@param instance_id string
function Pusher:forget(instance_id) end

--- What was sent, by the instance ids of the runs. Plain data, to be kept in any form, and to be given to
--- another pusher.
---@alias exectrack.PushState table<string, table>

--- What was sent of the runs that weren't forgotten. O(runs).
---@return exectrack.PushState
---@nodiscard
function Pusher:state() end
