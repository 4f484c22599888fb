/** What a build of CoreDNS says of itself. To add a version: one line. Source: the logs of these images. */
const BUILDS: Readonly<Record<string, string>> = {
  '1.9.1': 'go1.17.8, 4b597f8', '1.9.3': 'go1.18.2, 45b0a11', '1.9.4': 'go1.19.1, 1f0a41a', '1.10.1': 'go1.20, 055b2c3', '1.11.1': 'go1.20.7, ae2bbc2', '1.11.3': 'go1.21.11, a6338e9',
};

/** The last two lines that it prints as it starts; an unknown tag runs as 1.10.1. */
export function banner(tag: string): string {
  const version = BUILDS[tag.replace(/^v/, '')] === undefined ? '1.10.1' : tag.replace(/^v/, '');
  return `CoreDNS-${version}\nlinux/amd64, ${BUILDS[version] ?? ''}\n`;
}
