/** kube-proxy's rule writer without a cluster, for the CLI: the lab is the only room that the CLI knows. */
export type { Complaint } from '../cluster/addons/kube-proxy/notes.ts';
export { kubeProxyTool } from '../cluster/addons/kube-proxy/tool.ts';
