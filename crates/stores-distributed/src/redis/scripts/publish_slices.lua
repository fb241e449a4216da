-- Records that the tasks of open slices are published, all or none.
-- ARGV: account, then the number and the six values of the redelivery state of each slice.
if not is_there() then return { 'conflict' } end
for at = 2, #ARGV, 7 do
  local number = ARGV[at]
  if not redis.call('ZSCORE', open, number) or not is_unchanged(slices, number .. '.', at + 1) then
    return { 'conflict' }
  end
end
for at = 2, #ARGV, 7 do record_publication(slices, ARGV[at] .. '.', at + 1) end
return { 'ok' }
