-- Sends the requests of a file one after the other, and again from the start: method, path, cookie and body, with tabs between them.
-- Every thread has its own share of the lines, so that no line is sent twice in one turn.
local threads = {}
local requests = {}
local last = 0

function setup(thread)
  thread:set("index", #threads)
  table.insert(threads, thread)
end

function init(args)
  local file, count = args[1], tonumber(args[2])
  local number = 0
  for line in io.lines(file) do
    if number % count == index then
      local method, path, cookie, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
      local headers = { ["Host"] = wrk.headers["Host"], ["X-Holdfast-Request"] = "1" }
      if cookie ~= "" then headers["Cookie"] = cookie end
      if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
      requests[#requests + 1] = wrk.format(method, path, headers, body)
    end
    number = number + 1
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
