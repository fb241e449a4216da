-- ARGV: account, step, the expected last report, the new one, whether they differ, whether the step
-- is a slice, whether it made progress, whether it ended, whether it is complete, now in
-- milliseconds, now as stored in the job, difference of bytes, the pass of the step, then field and
-- difference of each count.
if not is_there() then return { 'none' } end
local stored = redis.call('HMGET', job, 'state', 'pass')
if is_final(stored[1]) or stored[1] == 'waiting' or (stored[2] or 'import') ~= ARGV[13] then return slice_progress(false) end
local step, is_news, is_slice = ARGV[2], ARGV[5] == '1', ARGV[6] == '1'
if is_slice and redis.call('HEXISTS', specs, step) == 0 then return slice_progress(false) end
-- Reports are absolute, so compare and swap: on a conflict the caller reads the stored report
-- again, even if it was stored by its own call whose response was lost.
if (redis.call('HGET', reports, step) or '') ~= ARGV[3] then return { 'conflict' } end
local has_changed = is_news
if is_slice then
  local prefix = step .. '.'
  redis.call('HSET', slices, prefix .. 'moved_at', ARGV[10])
  has_moved(slices, prefix)
  if ARGV[7] == '1' then redis.call('HDEL', slices, prefix .. 'attempts', prefix .. 'postponed') end
  -- Counts as done only once: ZREM returns 0 when the slice had ended before.
  if ARGV[8] == '1' and redis.call('ZREM', open, step) + redis.call('ZREM', pending, step) > 0 then
    has_changed = true
    if ARGV[9] == '1' then redis.call('HINCRBY', job, 'progress.slices_done', 1) end
  end
end
if is_news then
  redis.call('HSET', reports, step, ARGV[4])
  redis.call('HINCRBY', job, 'progress.bytes_read', ARGV[12])
  for at = 14, #ARGV, 2 do redis.call('HINCRBY', job, ARGV[at], ARGV[at + 1]) end
  if not is_slice then redis.call('HDEL', job, 'postponed') end
end
-- A repeated report changes nothing, so it must not wake the waiters.
if has_changed then
  redis.call('HINCRBY', job, 'revision', 1)
  redis.call('HSET', job, 'moved_at', ARGV[10], 'updated_at', ARGV[11])
  has_moved(job, '')
end
return slice_progress(has_changed)
