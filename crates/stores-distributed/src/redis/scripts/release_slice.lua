-- ARGV: account, nonce, number.
if not is_there() then return { 'none' } end
local number, prefix = ARGV[3], ARGV[3] .. '.'
local stored = redis.call('HMGET', slices, prefix .. 'attempts', prefix .. 'released_by')
if redis.call('ZSCORE', open, number) and stored[2] ~= ARGV[2] and tonumber(stored[1] or 0) > 0 then
  redis.call('HINCRBY', slices, prefix .. 'attempts', -1)
  redis.call('HSET', slices, prefix .. 'released_by', ARGV[2])
end
return { 'ok' }
