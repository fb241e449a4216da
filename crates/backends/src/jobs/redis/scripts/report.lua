-- ARGV: account, step, the last report as it is expected to be stored, the new one, whether it differs, whether the step
-- is a slice, whether it got further, whether it ended, whether it is complete, now in milliseconds, now as the job keeps
-- it, difference of bytes, the pass that the step is in, then field and difference of each count.
if not is_there() then return { 'none' } end
local stored = redis.call('HMGET', job, 'state', 'pass')
if is_final(stored[1]) or stored[1] == 'waiting' or (stored[2] or 'import') ~= ARGV[13] then return standing(false) end
local step, is_news, is_slice = ARGV[2], ARGV[5] == '1', ARGV[6] == '1'
if is_slice and redis.call('HEXISTS', specs, step) == 0 then return standing(false) end
-- Reports are absolute: what was reported meanwhile, be it by a call whose answer was lost, is read again.
if (redis.call('HGET', reports, step) or '') ~= ARGV[3] then return { 'conflict' } end
local has_changed = is_news
if is_slice then
  local prefix = step .. '.'
  redis.call('HSET', slices, prefix .. 'moved_at', ARGV[10])
  has_moved(slices, prefix)
  if ARGV[7] == '1' then redis.call('HDEL', slices, prefix .. 'attempts', prefix .. 'postponed') end
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
if has_changed then
  redis.call('HINCRBY', job, 'revision', 1)
  redis.call('HSET', job, 'moved_at', ARGV[10], 'updated_at', ARGV[11])
  has_moved(job, '')
end
return standing(has_changed)
