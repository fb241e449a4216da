-- ARGV: account, nonce, revision to replace, milliseconds to keep the job once it has ended (0: for
-- ever), fields and values.
if not is_there() then return { 'none' } end
-- The response to this very call may have been lost.
if redis.call('HGET', job, 'nonce') == ARGV[2] then return { 'ok' } end
if redis.call('HGET', job, 'revision') ~= ARGV[3] then return { 'conflict' } end
local before = redis.call('HMGET', job, 'state', 'phase', 'pass')
for _, field in ipairs(redis.call('HKEYS', job)) do
  if string.sub(field, 1, 6) == 'tally.' then redis.call('HDEL', job, field) end
end
redis.call('HSET', job, 'nonce', ARGV[2], unpack(ARGV, 5))
redis.call('HINCRBY', job, 'revision', 1)
has_moved(job, '')
local after = redis.call('HMGET', job, 'state', 'phase', 'pass')
if before[3] and before[3] ~= after[3] then
  -- The next pass has its own slices and reports.
  redis.call('DEL', slices, specs, reports, pending, open)
  redis.call('HDEL', job, 'opened_by', 'opened')
end
if before[1] ~= after[1] or before[2] ~= after[2] then redis.call('HDEL', job, 'postponed') end
if is_final(after[1]) and ARGV[4] ~= '0' then
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[4]) end
end
return { 'ok' }
