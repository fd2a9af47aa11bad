-- Sends the requests that a file holds, parted by NUL, one after the other and round again. Each
-- `{number}` in one becomes twelve digits, others every time. What came of it is printed as JSON.
-- Run by wrk with: file, first number, first request.

local requests, at, number = {}, 0, 0

local function parts_of(text)
    local parts, from = {}, 1
    while true do
        local first, last = text:find("{number}", from, true)
        parts[#parts + 1] = text:sub(from, (first or 0) - 1)
        if not first then return parts end
        from = last + 1
    end
end

function init(arguments)
    local file = io.open(arguments[1], "rb")
    for text in file:read("*a"):gmatch("[^%z]+") do
        requests[#requests + 1] = parts_of(text)
    end
    file:close()
    number, at = tonumber(arguments[2]), tonumber(arguments[3])
end

function request()
    number = number + 1
    at = at % #requests + 1
    return table.concat(requests[at], string.format("%012d", number))
end

function done(summary, latency)
    local errors = summary.errors
    local refused = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format(
        '\n{"seconds": %f, "requests": %d, "refused": %d, "p50": %f, "p99": %f}\n',
        summary.duration / 1e6, summary.requests, refused,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
