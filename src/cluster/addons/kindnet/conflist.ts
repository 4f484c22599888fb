/** The CNI configuration of a kind node. Models: cniConfigTemplate of kindnetd (an empty line where its template action stood). */
export const conflist = (podCidr: string, mtu: number | undefined): string => `
{
	"cniVersion": "0.3.1",
	"name": "kindnet",
	"plugins": [
	{
		"type": "ptp",
		"ipMasq": false,
		"ipam": {
			"type": "host-local",
			"dataDir": "/run/cni-ipam-state",
			"routes": [
				{
					"dst": "0.0.0.0/0"
				}
			],
			"ranges": [
			[
				{
					"subnet": "${podCidr}"
				}
			]
		]
		}
		${mtu === undefined ? '' : `,
		"mtu": ${mtu}
		`}
	},
	{
		"type": "portmap",
		"capabilities": {
			"portMappings": true
		}
	}
	]
}
`;
