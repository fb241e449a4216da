-- ARGV: account, nonce, fields and values of the job.
if redis.call('EXISTS', job) == 1 then
  -- The response to this very call may have been lost.
  return { redis.call('HGET', job, 'nonce') == ARGV[2] and 'ok' or 'conflict' }
end
redis.call('HSET', job, 'account', ARGV[1], 'nonce', ARGV[2], unpack(ARGV, 3))
return { 'ok' }
