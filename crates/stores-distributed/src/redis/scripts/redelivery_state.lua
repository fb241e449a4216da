-- Compare and set of a redelivery state, whose fields have the prefix in the hash. ARGV[at] to
-- ARGV[at + 3] are the values that the decision to publish was made from (an absent one is empty),
-- ARGV[at + 4] and ARGV[at + 5] are the count and the time to record.
local function is_unchanged(key, prefix, at)
  local stored = redis.call('HMGET', key, prefix .. 'moved_at', prefix .. 'publish_count', prefix .. 'published_at',
    prefix .. 'not_before')
  for index = 1, 4 do
    if (stored[index] or '') ~= ARGV[at + index - 1] then return false end
  end
  return true
end

local function record_publication(key, prefix, at)
  redis.call('HSET', key, prefix .. 'publish_count', ARGV[at + 4], prefix .. 'published_at', ARGV[at + 5])
  redis.call('HDEL', key, prefix .. 'not_before')
end
