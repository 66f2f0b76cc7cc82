-- The health of an Application, for the waves of the one above it. Argo CD has no check of its own since 1.8, and
-- without one the next wave would not wait (its docs, "Resource Health", "Argo CD App").
--
-- What such a check usually copies, status.health, is Healthy too soon in two cases: before the first comparison, and
-- where nothing could be compared, so that nothing is unhealthy.

local function result(status, message)
  return { status = status, message = message }
end

if obj.metadata.deletionTimestamp ~= nil then
  return result("Progressing", "Being deleted")
end

-- The root brings its own Application, too. Waiting for that would be waiting for itself.
local namespace, name = obj.metadata.namespace or "", obj.metadata.name
local tracking = (obj.metadata.annotations or {})["argocd.argoproj.io/tracking-id"]
if tracking == name .. ":argoproj.io/Application:" .. namespace .. "/" .. name then
  return result("Healthy", "Brings itself")
end

-- Nothing gets better until somebody acts, or another try succeeds.
local errors = {
  ComparisonError = true,
  DeletionError = true,
  InvalidSpecError = true,
  SyncError = true,
  UnknownError = true,
}

local status = obj.status or {}
for _, condition in ipairs(status.conditions or {}) do
  if errors[condition.type] then
    return result("Degraded", condition.type .. ": " .. (condition.message or ""))
  end
end

local sync, health = status.sync, status.health
if sync == nil or sync.status == nil or health == nil or health.status == nil then
  return result("Progressing", "Not compared yet")
end

-- After a change of the Application itself, its status is about the one before.
local compared, source = sync.comparedTo, obj.spec.source
if compared ~= nil and compared.source ~= nil and source ~= nil then
  for _, field in ipairs({ "repoURL", "path", "chart", "targetRevision" }) do
    if compared.source[field] ~= source[field] then
      return result("Progressing", "Not compared since it changed")
    end
  end
end

local never_synced = sync.status ~= "Synced" and (status.history == nil or #status.history == 0)
if never_synced then
  local operation = status.operationState
  if operation ~= nil and (operation.phase == "Failed" or operation.phase == "Error") then
    return result("Degraded", operation.message or "The first sync failed")
  end
  return result("Progressing", operation ~= nil and operation.message or "Not synced yet")
end

if health.status == "Missing" then
  return result("Progressing", "Objects are missing")
end
return result(health.status, health.message or "")
