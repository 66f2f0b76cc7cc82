-- The health of what Crossplane itself brings up: definitions of the claim API, providers, functions.
--
-- Argo CD's own check for all of Crossplane's kinds calls an object without a status healthy, so that claims would be
-- synced before there is anything that knows them; its check for providers calls one degraded that is being unpacked.

local function result(status, message)
  return { status = status, message = message }
end

if obj.metadata.deletionTimestamp ~= nil then
  return result("Progressing", "Being deleted")
end

local needed = { "Installed", "Healthy" }
if obj.kind == "CompositeResourceDefinition" then
  needed = { "Established" }
  if obj.spec ~= nil and obj.spec.claimNames ~= nil then
    needed = { "Established", "Offered" }
  end
end

local found = {}
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  local seen, generation = condition.observedGeneration, obj.metadata.generation
  if seen == nil or generation == nil or seen >= generation then
    found[condition.type] = condition
  end
end

for _, type in ipairs(needed) do
  local condition = found[type]
  if condition == nil then
    return result("Progressing", "Waiting for " .. type)
  end
  if condition.status ~= "True" then
    local words = condition.reason or type
    if condition.message ~= nil and condition.message ~= "" then
      words = words .. ": " .. condition.message
    end
    -- Only this says that something is wrong; everything else is a step on the way.
    if condition.type == "Healthy" and condition.status == "False" then
      return result("Degraded", words)
    end
    return result("Progressing", words)
  end
end
return result("Healthy", "Ready")
