/** kubectl version, cluster-info, options, auth. Models: kubectl/pkg/cmd of the same names (v1.29). Not modelled: build facts of the binaries, who is allowed what (everybody everything). */
import type { Program } from '../../../engine/sim/process.ts';
import { flag, GLOBAL } from '../flags.ts';
import { rawJson, rawYaml } from '../plain.ts';
import type { Verb } from '../verb.ts';

const KUSTOMIZE = 'v5.0.4-0.20230601165947-6ce0bf390ce3';

function versionFields(version: string): Readonly<Record<string, string>> {
  const [, major = '1', minor = '29'] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return { compiler: 'gc', gitTreeState: 'clean', gitVersion: version, major, minor, platform: 'linux/amd64' };
}

export const version: Verb = {
  name: 'version', summary: 'Print the client and server version information', flags: [flag('client', 'boolean'), flag('output', 'string', 'o'), flag('short', 'boolean')],
  *run(k): Program {
    const { version: v } = k.cluster.options;
    if (k.flags.args.length > 0) return k.fail(`error: extra arguments: [${k.flags.args.join(' ')}]`);
    const output = k.flags.text('output');
    if (k.flags.has('short')) return k.fail("error: unknown flag: --short\nSee 'kubectl version --help' for usage.");
    if (output !== undefined && output !== 'yaml' && output !== 'json') return k.fail(`error: --output must be 'yaml' or 'json'`);
    if (output !== undefined) {
      const value = { clientVersion: versionFields(v), kustomizeVersion: KUSTOMIZE, ...(k.flags.on('client') ? {} : { serverVersion: versionFields(v) }) };
      k.out(output === 'json' ? rawJson(value).replaceAll('    ', '  ') : rawYaml(value));
      return 0;
    }
    k.out(`Client Version: ${v}\nKustomize Version: ${KUSTOMIZE}\n${k.flags.on('client') ? '' : `Server Version: ${v}\n`}`);
    return 0;
  },
};

/** Colours whatever standard output is (go-colortext). */
const running = (what: string, where: string): string => `\x1b[0;32m${what}\x1b[0m is running at \x1b[0;33m${where}\x1b[0m\n`;

export const clusterInfo: Verb = {
  name: 'cluster-info', summary: 'Display cluster information', flags: [],
  *run(k): Program {
    if (k.flags.args[0] === 'dump') return k.fail('error: cluster-info dump is not modelled in this lab');
    const dns = k.cluster.store.list('Service', 'kube-system').filter((s) => s.metadata.labels?.['kubernetes.io/cluster-service'] === 'true');
    const { server } = k.config;
    k.out(`${running('Kubernetes control plane', server)}${dns.map((s) => running(s.metadata.labels?.['kubernetes.io/name'] ?? s.metadata.name, `${server}/api/v1/namespaces/kube-system/services/${s.metadata.name}${s.spec.ports[0]?.name === undefined ? '' : `:${s.spec.ports[0].name}`}/proxy`)).join('')}\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n`);
    return 0;
  },
};

export const options: Verb = {
  name: 'options', summary: 'Print the list of flags inherited by all commands', flags: [],
  *run(k): Program {
    k.out(`The following options can be passed to any command:\n\n${[...GLOBAL].filter((f) => f.name !== 'help').sort((a, b) => (a.name < b.name ? -1 : 1)).map((f) => `    ${f.short === undefined || f.short === f.name ? '' : `-${f.short}, `}--${f.name}=${f.type === 'boolean' ? 'false' : "''"}\n`).join('')}`);
    return 0;
  },
};

export const auth: Verb = {
  name: 'auth', summary: 'Inspect authorization', flags: [flag('all-namespaces', 'boolean', 'A'), flag('list', 'boolean'), flag('quiet', 'boolean', 'q'), flag('subresource'), flag('output', 'string', 'o')],
  *run(k): Program {
    const [what, verb, resource] = k.flags.args;
    if (what === 'whoami') {
      k.out('ATTRIBUTE   VALUE\nUsername    system:admin\nGroups      [system:masters system:authenticated]\n');
      return 0;
    }
    if (what !== 'can-i') return k.fail(what === undefined ? 'error: must specify a subcommand: can-i, whoami' : `error: kubectl auth ${what} is not modelled in this lab`);
    if (k.flags.on('list')) return k.fail('error: auth can-i --list is not modelled in this lab');
    if (verb === undefined || resource === undefined) return k.fail('error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee \'kubectl auth can-i -h\' for help and examples.');
    if (!k.flags.on('quiet')) k.out('yes\n');
    return 0;
  },
};
