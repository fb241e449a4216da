-- ARGV: account, nonce, window, now in milliseconds.
if not is_there() then return { 'none' } end
local stored = redis.call('HMGET', job, 'state', 'stopping', 'opened_by', 'opened')
-- The response to this very call may have been lost.
if stored[3] == ARGV[2] then return { 'ok', stored[4] } end
local room = tonumber(ARGV[3]) - redis.call('ZCARD', open)
if is_final(stored[1]) or stored[2] == '1' or room <= 0 then return { 'ok', '' } end
local opened = redis.call('ZRANGE', pending, 0, room - 1)
for _, number in ipairs(opened) do
  redis.call('ZREM', pending, number)
  redis.call('ZADD', open, number, number)
  redis.call('HSET', slices, number .. '.moved_at', ARGV[4])
  has_moved(slices, number .. '.')
end
if #opened > 0 then
  redis.call('HSET', job, 'opened_by', ARGV[2], 'opened', table.concat(opened, ' '))
  redis.call('HDEL', job, 'postponed')
end
return { 'ok', table.concat(opened, ' ') }
