-- The health of a SealedSecret. Argo CD's own check does not look at observedGeneration: just after a change it
-- repeats what was true of the values before, and what waits for the Secret goes on too early.

local function result(status, message)
  return { status = status, message = message }
end

if obj.metadata.deletionTimestamp ~= nil then
  return result("Progressing", "Being deleted")
end

local status = obj.status
if status == nil or status.conditions == nil then
  return result("Progressing", "Waiting for the sealed-secrets controller")
end

local seen, generation = status.observedGeneration, obj.metadata.generation
if seen ~= nil and generation ~= nil and seen < generation then
  return result("Progressing", "Waiting for the sealed-secrets controller to see the change")
end

for _, condition in ipairs(status.conditions) do
  if condition.type == "Synced" and condition.status == "False" then
    return result("Degraded", condition.message or "The controller cannot open it")
  end
  if condition.type == "Synced" and condition.status == "True" then
    return result("Healthy", "The Secret is up to date")
  end
end
return result("Progressing", "Waiting for the sealed-secrets controller")
