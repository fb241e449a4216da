-- Records that an event is published.
-- KEYS[1]: the event. ARGV: the six values of its redelivery state.
local event = KEYS[1]
if redis.call('HEXISTS', event, 'done') == 1 or not is_unchanged(event, '', 1) then return { 'conflict' } end
record_publication(event, '', 1)
return { 'ok' }
