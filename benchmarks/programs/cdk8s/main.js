// All components of the platform, one chart for each: node main.js COMPONENTS.json OUTPUT
'use strict';

const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { ApiObject, App, Chart, YamlOutputType } = require('cdk8s');

const PORT = 8080;
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'];
const EARLY = { annotations: { 'argocd.argoproj.io/sync-wave': '-3' } };

const selector = (name) => ({ 'app.kubernetes.io/name': name });
const pods = (name) => [{ podSelector: { matchLabels: selector(name) } }];
const probe = (path) => ({ httpGet: { path, port: 'http', scheme: 'HTTP' } });
const settings = ({ name, number }) => `name = "${name}"\n\n[limits]\nrequests = ${number}\nburst = 20\n`;
const checksum = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

const labels = ({ name, application }, role) => ({
  app: name,
  'app.kubernetes.io/component': role,
  'app.kubernetes.io/managed-by': 'platformc',
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': application,
});

class Component extends Chart {
  constructor(scope, component) {
    super(scope, component.name, { namespace: component.namespace });
    const named = (role) => ({ name: component.name, labels: labels(component, role) });
    new ApiObject(this, 'config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...named('config'), ...EARLY },
      data: { 'settings.toml': settings(component) },
    });
    new ApiObject(this, 'deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: named('workload'),
      spec: deployment(component),
    });
    new ApiObject(this, 'policy', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { ...named('workload'), ...EARLY },
      spec: networkPolicy(component),
    });
    new ApiObject(this, 'service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: named('workload'),
      spec: {
        type: 'ClusterIP',
        selector: selector(component.name),
        ports: [{ name: 'http', port: PORT, targetPort: 'http', protocol: 'TCP' }],
      },
    });
    new ApiObject(this, 'account', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { ...named('workload'), ...EARLY },
      automountServiceAccountToken: false,
    });
  }
}

function deployment(component) {
  return {
    replicas: 1,
    revisionHistoryLimit: 3,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    selector: { matchLabels: selector(component.name) },
    template: {
      metadata: {
        labels: labels(component, 'workload'),
        annotations: { 'platformc.dev/config-checksum': checksum(settings(component)) },
      },
      spec: {
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
        containers: [container(component)],
        volumes: [
          { name: `config-${component.name}`, configMap: { name: component.name, defaultMode: 0o440 } },
          { name: 'scratch-tmp', emptyDir: {} },
        ],
      },
    },
  };
}

function container({ name, image }) {
  return {
    name,
    image,
    ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
    env: [{ name: 'LOG_LEVEL', value: 'info' }, { name: 'PORT', value: String(PORT) }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
    volumeMounts: [
      { name: `config-${name}`, mountPath: '/etc/settings.toml', subPath: 'settings.toml', readOnly: true },
      { name: 'scratch-tmp', mountPath: '/tmp' },
    ],
    livenessProbe: probe('/healthz'),
    readinessProbe: probe('/ready'),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function networkPolicy({ name, calls, calledBy }) {
  const dns = {
    to: [{
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    }],
    ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }],
  };
  const outward = [
    { to: pods(calls), ports: [{ protocol: 'TCP', port: PORT }] },
    { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: PRIVATE } }], ports: [{ protocol: 'TCP', port: 443 }] },
  ];
  return {
    podSelector: { matchLabels: selector(name) },
    policyTypes: ['Ingress', 'Egress'],
    ...(calledBy && { ingress: [{ from: pods(calledBy), ports: [{ protocol: 'TCP', port: PORT }] }] }),
    ...(calls && { egress: [dns, ...outward] }),
  };
}

const [file, outdir] = process.argv.slice(2);
const app = new App({ outdir, yamlOutputType: YamlOutputType.FILE_PER_CHART });
for (const component of JSON.parse(readFileSync(file, 'utf8'))) {
  new Component(app, component);
}
app.synth();
