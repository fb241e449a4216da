-- ARGV: account, number, the expected last report, the new one, whether the last one was complete,
-- now in milliseconds, now as stored in the job, difference of bytes, the pass of the slice, then
-- field and difference of each count.
if not is_there() then return { 'none' } end
local stored = redis.call('HMGET', job, 'state', 'phase', 'pass')
if is_final(stored[1]) or stored[2] ~= 'importing' or (stored[3] or 'import') ~= ARGV[9] then return slice_progress(false) end
local number, prefix = ARGV[2], ARGV[2] .. '.'
if redis.call('HEXISTS', specs, number) == 0 then return { 'no slice' } end
if (redis.call('HGET', reports, number) or '') ~= ARGV[3] then return { 'conflict' } end
local is_open = redis.call('ZSCORE', open, number)
-- A slice that is neither open nor pending has ended.
local had_ended = not is_open and not redis.call('ZSCORE', pending, number)
if not is_open then redis.call('ZADD', pending, number, number) end
if had_ended and ARGV[5] == '1' then redis.call('HINCRBY', job, 'progress.slices_done', -1) end
redis.call('HSET', slices, prefix .. 'moved_at', ARGV[6], prefix .. 'attempts', is_open and 1 or 0)
redis.call('HDEL', slices, prefix .. 'postponed')
has_moved(slices, prefix)
redis.call('HSET', reports, number, ARGV[4])
redis.call('HINCRBY', job, 'progress.bytes_read', ARGV[8])
for at = 10, #ARGV, 2 do redis.call('HINCRBY', job, ARGV[at], ARGV[at + 1]) end
redis.call('HINCRBY', job, 'revision', 1)
redis.call('HSET', job, 'moved_at', ARGV[6], 'updated_at', ARGV[7])
redis.call('HDEL', job, 'postponed')
has_moved(job, '')
return slice_progress(true)
