// All objects of one component, by the name of the file that each goes to.
local port = 8080;
local early = { annotations: { 'argocd.argoproj.io/sync-wave': '-3' } };
local selector(name) = { 'app.kubernetes.io/name': name };
local pods(name) = [{ podSelector: { matchLabels: selector(name) } }];

local labels(component, role) = {
  app: component.name,
  'app.kubernetes.io/component': role,
  'app.kubernetes.io/managed-by': 'platformc',
  'app.kubernetes.io/name': component.name,
  'app.kubernetes.io/part-of': component.application,
};

local metadata(component, role) = {
  name: component.name,
  namespace: component.namespace,
  labels: labels(component, role),
};

// Text is put together with `+`: formatting with `%` is a program in jsonnet's own library, and took most of the time.
local settings(component) =
  'name = "' + component.name + '"\n\n[limits]\nrequests = ' + component.number + '\nburst = 20\n';

local probe(path) = { httpGet: { path: path, port: 'http', scheme: 'HTTP' } };

local configMap(component) = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata(component, 'config') + early,
  data: { 'settings.toml': settings(component) },
};

local pod(component) = {
  serviceAccountName: component.name,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  containers: [{
    name: component.name,
    image: component.image,
    ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
    env: [{ name: 'LOG_LEVEL', value: 'info' }, { name: 'PORT', value: std.toString(port) }],
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: '500m', memory: '256Mi' },
    },
    volumeMounts: [
      {
        name: 'config-' + component.name,
        mountPath: '/etc/settings.toml',
        subPath: 'settings.toml',
        readOnly: true,
      },
      { name: 'scratch-tmp', mountPath: '/tmp' },
    ],
    livenessProbe: probe('/healthz'),
    readinessProbe: probe('/ready'),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  }],
  volumes: [
    { name: 'config-' + component.name, configMap: { name: component.name, defaultMode: 288 } },
    { name: 'scratch-tmp', emptyDir: {} },
  ],
};

local deployment(component) = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(component, 'workload'),
  spec: {
    replicas: 1,
    revisionHistoryLimit: 3,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    selector: { matchLabels: selector(component.name) },
    template: {
      metadata: {
        labels: labels(component, 'workload'),
        annotations: { 'platformc.dev/config-checksum': std.substr(std.sha256(settings(component)), 0, 16) },
      },
      spec: pod(component),
    },
  },
};

local networkPolicy(component) = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadata(component, 'workload') + early,
  spec: {
    podSelector: { matchLabels: selector(component.name) },
    policyTypes: ['Ingress', 'Egress'],
    [if component.calledBy != null then 'ingress']: [
      { from: pods(component.calledBy), ports: [{ protocol: 'TCP', port: port }] },
    ],
    [if component.calls != null then 'egress']: [
      {
        to: [{
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        }],
        ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }],
      },
      { to: pods(component.calls), ports: [{ protocol: 'TCP', port: port }] },
      {
        to: [{
          ipBlock: {
            cidr: '0.0.0.0/0',
            except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'],
          },
        }],
        ports: [{ protocol: 'TCP', port: 443 }],
      },
    ],
  },
};

local service(component) = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(component, 'workload'),
  spec: {
    type: 'ClusterIP',
    selector: selector(component.name),
    ports: [{ name: 'http', port: port, targetPort: 'http', protocol: 'TCP' }],
  },
};

local serviceAccount(component) = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadata(component, 'workload') + early,
  automountServiceAccountToken: false,
};

function(component) (
  local place = component.application + '/';
  local file = '-' + component.name + '.json';
  {
    [place + 'configmap' + file]: configMap(component),
    [place + 'deployment' + file]: deployment(component),
    [place + 'networkpolicy' + file]: networkPolicy(component),
    [place + 'service' + file]: service(component),
    [place + 'serviceaccount' + file]: serviceAccount(component),
  }
)
