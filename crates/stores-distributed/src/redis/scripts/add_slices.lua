-- ARGV: account, then number and document of each slice.
if not is_there() then return { 'none' } end
for at = 2, #ARGV, 2 do
  if redis.call('HSETNX', specs, ARGV[at], ARGV[at + 1]) == 1 then
    redis.call('ZADD', pending, ARGV[at], ARGV[at])
  end
end
return { 'ok' }
