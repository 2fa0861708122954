-- For wrk: asks for the addresses of a file, each thread from another place on, and tells in JSON
-- what came of it. Arguments: the file.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  addresses = {}
  for line in io.lines(args[1]) do
    addresses[#addresses + 1] = line
  end
  place = math.floor(number * #addresses / 2)
end

function request()
  place = place % #addresses + 1
  return wrk.format("GET", addresses[place])
end

function done(summary, latency, requests)
  local wrong = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "errors": %d, "p50": %f, "p95": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6,
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout,
    latency:percentile(50) / 1e6, latency:percentile(95) / 1e6, latency:percentile(99) / 1e6))
end
