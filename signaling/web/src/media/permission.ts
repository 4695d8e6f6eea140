/** Whether camera and microphone are allowed already, so that starting them asks nobody. */
export async function permitted(): Promise<boolean> {
  try {
    const asked = (["camera", "microphone"] as PermissionName[]).map((name) =>
      navigator.permissions.query({ name }),
    );
    return (await Promise.all(asked)).every((permission) => permission.state === "granted");
  } catch {
    // Not every browser can be asked.
    return false;
  }
}
