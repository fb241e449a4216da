-- Records that the one task of a job is published.
-- ARGV: account, then as they were read: the job's revision and its numbers of open and of pending
-- slices; then the six values of its redelivery state.
if not is_there() then return { 'conflict' } end
local is_same_job = redis.call('HGET', job, 'revision') == ARGV[2]
  and redis.call('ZCARD', open) == tonumber(ARGV[3]) and redis.call('ZCARD', pending) == tonumber(ARGV[4])
if not is_same_job or not is_unchanged(job, '', 5) then return { 'conflict' } end
record_publication(job, '', 5)
return { 'ok' }
