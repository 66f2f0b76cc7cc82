-- The health of a claim of any kind, of either form of the claim API.
--
-- Argo CD calls an object of a kind that it does not know healthy at once, and a claim's own condition Synced stays
-- True while AWS refuses what was made from it. So the Compositions copy the conditions of each managed resource to
-- status.resources.<name>, and this check reads them before the claim's own.

local function result(status, message)
  return { status = status, message = message }
end

if obj.metadata.deletionTimestamp ~= nil then
  return result("Progressing", "Being deleted")
end

local status = obj.status
if status == nil or status.conditions == nil or #status.conditions == 0 then
  return result("Progressing", "Waiting for Crossplane")
end

-- A condition that tells of an older version of the spec tells nothing about this one.
local function is_stale(condition)
  local seen, generation = condition.observedGeneration, obj.metadata.generation
  return seen ~= nil and generation ~= nil and seen < generation
end

local function words(condition)
  if condition.message ~= nil and condition.message ~= "" then
    return condition.message
  end
  return condition.reason or condition.type
end

local own = {}
for _, condition in ipairs(status.conditions) do
  if is_stale(condition) then
    return result("Progressing", "Waiting for Crossplane to see the change")
  end
  own[condition.type] = condition
end

local synced = own["Synced"]
if synced ~= nil and synced.status == "False" then
  if synced.reason == "ReconcilePaused" then
    return result("Suspended", "Paused")
  end
  return result("Degraded", words(synced))
end

-- In the order of their names, so that the message does not change from one look to the next.
local names = {}
for name, _ in pairs(status.resources or {}) do
  table.insert(names, name)
end
table.sort(names)

local waiting = nil
for _, name in ipairs(names) do
  for _, condition in ipairs(status.resources[name]) do
    if condition.status == "False" then
      if condition.type == "Synced" or condition.type == "LastAsyncOperation" then
        return result("Degraded", name .. ": " .. words(condition))
      end
      if condition.type == "Ready" and waiting == nil then
        waiting = name .. ": " .. words(condition)
      end
    end
  end
end

local ready = own["Ready"]
if ready ~= nil and ready.status == "True" and waiting == nil then
  return result("Healthy", "Ready")
end
if waiting == nil and ready ~= nil then
  waiting = words(ready)
end
return result("Progressing", waiting or "Waiting for Crossplane")
