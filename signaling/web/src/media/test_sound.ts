/** Two soft tones, a second long, on the speaker chosen. */
export async function playTestSound(speaker: string): Promise<void> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const volume = context.createGain();
  volume.gain.setValueAtTime(0, context.currentTime);
  volume.gain.linearRampToValueAtTime(0.2, context.currentTime + 0.05);
  volume.gain.setValueAtTime(0.2, context.currentTime + 0.9);
  volume.gain.linearRampToValueAtTime(0, context.currentTime + 1);
  volume.connect(out);
  for (const [hertz, from] of [
    [440, 0],
    [554.37, 0.5],
  ] as const) {
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(volume);
    tone.start(context.currentTime + from);
    tone.stop(context.currentTime + from + 0.5);
  }
  const element = new Audio();
  element.srcObject = out.stream;
  if (speaker && "setSinkId" in element) await element.setSinkId(speaker).catch(() => undefined);
  await context.resume();
  await element.play();
  await new Promise((done) => setTimeout(done, 1100));
  await context.close();
}
