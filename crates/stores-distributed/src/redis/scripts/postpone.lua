-- ARGV: account, nonce, number of the slice (empty: the job's own task), now, base and cap in
-- milliseconds.
if not is_there() then return { 'none' } end
local number, now, base, cap = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local is_slice = number ~= ''
local key, prefix = job, ''
local is_ended = is_final(redis.call('HGET', job, 'state'))
if is_slice then
  if redis.call('HEXISTS', specs, number) == 0 then return { 'no slice' } end
  key, prefix = slices, number .. '.'
  is_ended = not redis.call('ZSCORE', open, number)
end
local stored = redis.call('HMGET', key, prefix .. 'postponed', prefix .. 'postponed_by', prefix .. 'attempts')
local times = tonumber(stored[1] or 0)
-- The response to this very call may have been lost.
if is_ended or stored[2] == ARGV[2] then return { 'ok', tostring(times) } end
times = times + 1
local wait = math.min(base * 2 ^ math.min(times - 1, 30), cap)
has_moved(key, prefix)
redis.call('HSET', key, prefix .. 'postponed', times, prefix .. 'postponed_by', ARGV[2],
  prefix .. 'not_before', string.format('%.0f', now + wait))
-- The postponed attempt does not count.
if is_slice and tonumber(stored[3] or 0) > 0 then redis.call('HINCRBY', key, prefix .. 'attempts', -1) end
return { 'ok', tostring(times) }
