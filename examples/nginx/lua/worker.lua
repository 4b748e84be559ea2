-- What a worker does: it has a recorder and tools, and each request is a session.
local cjson = require("cjson")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local totals = require("totals")

local M = {}

-- Tools may wait: for a socket, a subrequest, a timer. Meanwhile the worker serves other requests.
local tools = {}

function tools.look_up(words)
  ngx.sleep(0.001)
  if words == "" then
    return nil, { code = "no_words" }
  end
  return "what is known about " .. words
end

local protection = policy.all { policy.default(), policy.concurrency { max = 100 } }

--- Tools as this request uses them: recorded, for its session.
function M.for_request(given)
  local session = M.tracker:session(ngx.var.request_id)
  ngx.ctx.session = session
  return session:instrument(given, { policy = protection })
end

function M.answer()
  local answer, message = M.for_request(tools).look_up(ngx.var.arg_q or "")
  if answer then
    ngx.say(answer)
  else
    ngx.status = ngx.HTTP_BAD_REQUEST
    ngx.say(type(message) == "table" and message.code or message)
  end
end

--- Ends what the request has left in flight: nginx doesn't unwind a request that is aborted, by its
-- client, by `ngx.exit` or by `ngx.thread.kill`.
function M.end_request()
  if ngx.ctx.session then
    ngx.ctx.session:abandon()
  end
  M.totals:publish()
end

function M.show_totals()
  ngx.header.content_type = "application/json"
  ngx.say(cjson.encode(M.totals:read()))
end

function M.publish()
  M.totals:publish()
end

--- Begins a file of this worker's own in the folder `runs`, and to add to the totals also what ends
-- outside of requests, such as calls in timers. The files of old workers are kept, up to 100 with
-- those in use.
function M.start()
  M.tracker = assert(exectrack.open {
    directory = ngx.config.prefix() .. "runs",
    label = "nginx",
    keep = 100,
    max_history = 10000,
  })
  M.totals = totals.new(M.tracker, ngx.shared.totals)
  assert(ngx.timer.every(1, M.publish))
end

--- Ends the run of a worker that leaves.
function M.stop()
  M.publish()
  M.tracker:close()
end

return M
