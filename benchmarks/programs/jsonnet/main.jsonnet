// One file for each object of each component, for `jsonnet --multi`.
local objectsOf = import 'component.libsonnet';
{
  [file]: objects[file]
  for objects in [objectsOf(component) for component in import 'components.json']
  for file in std.objectFields(objects)
}
