-- The beginning of every script. Every key has the job's id as its hash tag, so all are in one
-- cluster slot. ARGV[1] is the account that the job must belong to. Results are lists of strings,
-- the first of them a status word.
local job, slices, specs, reports, pending, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

local function is_final(state)
  return state == 'succeeded' or state == 'failed' or state == 'cancelled'
end

local function slice_progress(changed)
  return {
    'ok',
    redis.call('HGET', job, 'stopping'),
    tostring(redis.call('ZCARD', open)),
    tostring(redis.call('ZCARD', pending)),
    changed and '1' or '0',
  }
end

-- Progress resets the publications of a task and its postponement.
local function has_moved(key, prefix)
  redis.call('HDEL', key, prefix .. 'publish_count', prefix .. 'published_at', prefix .. 'not_before')
end

local function is_there()
  return redis.call('HGET', job, 'account') == ARGV[1]
end
