/** Whether an address is one that Cloud Run must not trust: without encryption, or of this machine. It may be a bare name (`accounts.google.com`). */
export function isLocalAddress(address: string): boolean {
  const url = URL.parse(address.includes("://") ? address : `https://${address}`);
  if (url === null || url.protocol !== "https:") return true;
  return /(?:^|\.)localhost\.?$|^127\.|^0\.|^\[::(?:1|ffff:7f[\da-f:]*)?\]$/.test(url.hostname);
}
