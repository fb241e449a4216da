-- ARGV: account, nonce, number of the slice (empty: the job's own task), how often it was postponed
-- when it was read, how often with this time, and until when in milliseconds.
if not is_there() then return { 'none' } end
local number = ARGV[3]
local is_slice = number ~= ''
local key, prefix = job, ''
local is_ended = is_final(redis.call('HGET', job, 'state'))
if is_slice then
  if redis.call('HEXISTS', specs, number) == 0 then return { 'no slice' } end
  key, prefix = slices, number .. '.'
  is_ended = not redis.call('ZSCORE', open, number)
end
local stored = redis.call('HMGET', key, prefix .. 'postponed', prefix .. 'postponed_by', prefix .. 'attempts')
local times = stored[1] or '0'
-- The response to this very call may have been lost.
if is_ended or stored[2] == ARGV[2] then return { 'ok', times } end
if times ~= ARGV[4] then return { 'conflict' } end
has_moved(key, prefix)
redis.call('HSET', key, prefix .. 'postponed', ARGV[5], prefix .. 'postponed_by', ARGV[2], prefix .. 'not_before', ARGV[6])
-- The postponed attempt does not count.
if is_slice and tonumber(stored[3] or 0) > 0 then redis.call('HINCRBY', key, prefix .. 'attempts', -1) end
return { 'ok', ARGV[5] }
