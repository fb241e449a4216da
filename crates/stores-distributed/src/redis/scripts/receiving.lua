-- ARGV: account, bytes, now in milliseconds, now as stored in the job.
if not is_there() then return { 'none' } end
local stored = redis.call('HMGET', job, 'state', 'phase', 'progress.bytes_stored')
local is_news = stored[2] == 'uploading' and not is_final(stored[1]) and tonumber(ARGV[2]) > tonumber(stored[3])
if is_news then
  redis.call('HSET', job, 'progress.bytes_stored', ARGV[2], 'moved_at', ARGV[3], 'updated_at', ARGV[4])
  redis.call('HINCRBY', job, 'revision', 1)
  has_moved(job, '')
end
return slice_progress(is_news)
