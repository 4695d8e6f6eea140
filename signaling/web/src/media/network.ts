type NetworkInformation = EventTarget & { readonly type?: string };

/**
 * Tells when the device may have come to another network. Every browser knows when it is online again; some also when
 * Wi-Fi becomes mobile (https://wicg.github.io/netinfo/), among many changes of speed that matter to nobody here.
 */
export function onNetworkChange(changed: () => void): void {
  window.addEventListener("online", changed);
  const { connection } = navigator as Navigator & { connection?: NetworkInformation };
  let type = connection?.type;
  connection?.addEventListener("change", () => {
    if (connection.type === type) return;
    type = connection.type;
    changed();
  });
}
