-- ARGV: account, then numbers of slices. Returns the documents of those that exist.
if not is_there() then return { 'none' } end
local answer = { 'ok' }
for _, spec in ipairs(redis.call('HMGET', specs, unpack(ARGV, 2))) do
  if spec then table.insert(answer, spec) end
end
return answer
