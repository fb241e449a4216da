-- ARGV: account, nonce, number, now in milliseconds.
if not is_there() then return { 'none' } end
local number, prefix = ARGV[3], ARGV[3] .. '.'
local spec = redis.call('HGET', specs, number)
if not spec then return { 'no slice' } end
local is_ended = not redis.call('ZSCORE', pending, number) and not redis.call('ZSCORE', open, number)
local idle = tonumber(ARGV[4]) - tonumber(redis.call('HGET', slices, prefix .. 'moved_at') or ARGV[4])
-- A retry of a call whose response was lost does not count as another attempt.
if not is_ended and redis.call('HGET', slices, prefix .. 'begun_by') ~= ARGV[2] then
  redis.call('ZREM', pending, number)
  redis.call('ZADD', open, number, number)
  redis.call('HINCRBY', slices, prefix .. 'attempts', 1)
  redis.call('HSET', slices, prefix .. 'moved_at', ARGV[4], prefix .. 'begun_by', ARGV[2])
  has_moved(slices, prefix)
end
return { 'ok', spec, redis.call('HGET', slices, prefix .. 'attempts') or '0', is_ended and '1' or '0',
  tostring(math.max(idle, 0)), redis.call('HGET', reports, number) or '' }
