-- The rule of `RedeliveryState::is_due`, repeated here so that decision and update are atomic.
-- `before` and `now` are in milliseconds.
local function tell(key, prefix, before, now)
  local stored = redis.call('HMGET', key, prefix .. 'moved_at', prefix .. 'publish_count', prefix .. 'published_at',
    prefix .. 'not_before')
  local moved_at, publish_count = tonumber(stored[1] or 0), tonumber(stored[2] or 0)
  local published_at, not_before = tonumber(stored[3] or nil), tonumber(stored[4] or nil)
  -- A postponement alone decides; otherwise the waits double with each publication, up to 64 times.
  if not_before then
    if not_before > now then return false end
  elseif moved_at > before then
    return false
  elseif published_at and now > before then
    local waits = math.min(64, 2 ^ math.min(math.max(publish_count - 1, 0), 6))
    if now - published_at < (now - before) * waits then return false end
  end
  redis.call('HSET', key, prefix .. 'publish_count', publish_count + 1, prefix .. 'published_at', string.format('%.0f', now))
  redis.call('HDEL', key, prefix .. 'not_before')
  return true
end
