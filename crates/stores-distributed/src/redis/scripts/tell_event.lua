-- KEYS[1]: the event. ARGV: before, now in milliseconds, when it happened.
if redis.call('HEXISTS', KEYS[1], 'done') == 1 then return { 'ended' } end
redis.call('HSET', KEYS[1], 'moved_at', ARGV[3])
return { tell(KEYS[1], '', tonumber(ARGV[1]), tonumber(ARGV[2])) and 'ok' or 'not yet' }
