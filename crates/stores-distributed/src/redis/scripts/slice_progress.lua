-- ARGV: account.
if not is_there() then return { 'none' } end
return slice_progress(false)
