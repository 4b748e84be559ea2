-- Records what the tools of a Neovim plugin do. Copy this file to lua/tool_record.lua in your
-- configuration, and wrap your tools where you set the plugin up:
--
--     local record = require("tool_record")
--     read = record.wrap("read", read)               -- returns its result, and may yield before
--     fetch = record.wrap_callback("fetch", fetch, 2) -- calls its second argument with it later
--
-- :ToolReport shows what has been recorded. Each Neovim has a file in stdpath("data")/tools, for
-- the command `exectrack` and for exectrack.load. It is there from the start, and survives a crash.
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local report = require("exectrack.report")

--- Begins a file in the folder, whose oldest files it removes. Without one, Neovim goes on with a
-- tracker in memory.
local function begin()
  local tracker, message = exectrack.open {
    directory = vim.fn.stdpath("data") .. "/tools",
    label = "Neovim",
    keep = 50,
    max_history = 10000,
  }
  if not tracker then
    vim.notify("tools: " .. message, vim.log.levels.WARN)
  end
  return tracker or exectrack.new { label = "Neovim", max_history = 10000 }
end

local M = { tracker = begin() }

-- One session for each project, so that runs of several can be merged and still told apart.
local session = M.tracker:session(vim.fn.getcwd())

local protection = policy.all { policy.default(), policy.concurrency { max = 8 } }

--- For a tool that returns its result. It may yield to whatever resumes its coroutine. A call that
-- is denied returns nil and a message for the model.
function M.wrap(tool, fn)
  return session:wrap(tool, fn, { policy = protection })
end

--- For a tool that returns at once, and later calls its argument number `place` with what it would
-- have returned. After `timeout_ms`, if that is given, a call counts as timed out. A call that is
-- denied returns nil and a message, and calls nothing.
function M.wrap_callback(tool, fn, place, timeout_ms)
  return session:wrap(tool, fn, {
    policy = protection,
    callback = place,
    timeout_ms = timeout_ms,
  })
end

--- The report of the run so far, as lines of text.
function M.report()
  return vim.split(report.render(report.overview(M.tracker:snapshot()), "text"), "\n")
end

--- Ends the run. What is still in flight ends here, as cancelled: nobody will see how it ends.
-- Neovim doesn't close its Lua state, so that without this the run would look like one that died.
function M.close()
  session:abandon()
  M.tracker:close()
end

vim.api.nvim_create_user_command("ToolReport", function()
  vim.cmd("new")
  vim.api.nvim_buf_set_lines(0, 0, -1, false, M.report())
  vim.bo.buftype, vim.bo.modified = "nofile", false
end, { desc = "Show what tools have done" })

vim.api.nvim_create_autocmd("VimLeavePre", {
  desc = "End the run of the tools",
  callback = M.close,
})

return M
