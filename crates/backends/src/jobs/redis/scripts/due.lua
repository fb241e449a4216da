-- The rule of `Telling::is_due`, here so that deciding and noting are one step. Tells and notes; `before` and `now` are
-- milliseconds.
local function tell(key, prefix, before, now)
  local stored = redis.call('HMGET', key, prefix .. 'moved_at', prefix .. 'told', prefix .. 'told_at',
    prefix .. 'held_until')
  local moved_at, told = tonumber(stored[1] or 0), tonumber(stored[2] or 0)
  local told_at, held_until = tonumber(stored[3] or nil), tonumber(stored[4] or nil)
  if held_until then
    if held_until > now then return false end
  elseif moved_at > before then
    return false
  elseif told_at and now > before then
    local waits = math.min(64, 2 ^ math.min(math.max(told - 1, 0), 6))
    if now - told_at < (now - before) * waits then return false end
  end
  redis.call('HSET', key, prefix .. 'told', told + 1, prefix .. 'told_at', string.format('%.0f', now))
  redis.call('HDEL', key, prefix .. 'held_until')
  return true
end
