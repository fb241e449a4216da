-- ARGV: before, now in milliseconds. Returns the account, the trace and the tasks to publish.
local before, now = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = redis.call('HMGET', job, 'account', 'trace', 'state', 'phase', 'stopping')
if not stored[1] then return { 'none' } end
local answer = { 'ok', stored[1], stored[2] }
local phase, is_stopping = stored[4], stored[5] == '1'
if is_final(stored[3]) then return { 'ended' } end
if stored[3] == 'waiting' and not is_stopping then return answer end
-- One slice may stall while others of its job move, so each has its own time.
if phase == 'importing' and redis.call('ZCARD', open) > 0 then
  for _, number in ipairs(redis.call('ZRANGE', open, 0, -1)) do
    if tell(slices, number .. '.', before, now) then table.insert(answer, number) end
  end
elseif tell(job, '', before, now) then
  local task = 'finish'
  if is_stopping then
    -- A stopping job has nothing left to do but to finish.
  elseif phase == 'planning' or (phase == 'importing' and redis.call('ZCARD', pending) > 0) then
    task = 'plan'
  elseif phase == 'exporting' then
    task = 'export'
  elseif phase == 'moving' then
    task = 'move'
  end
  table.insert(answer, task)
end
return answer
