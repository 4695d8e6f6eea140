// Runs in every page before the page's own code: makes its peer connections observable, and lets a test do what a
// tampered page or a broken camera does. Changes nothing by itself.

export function observe() {
  const connections = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class RTCPeerConnection extends Original {
    constructor(...args) {
      super(...args);
      connections.push(this);
    }
  };

  let conversation = null; // with the server
  let welcomes = 0; // how often the server has begun one
  const Socket = window.WebSocket;
  window.WebSocket = class WebSocket extends Socket {
    constructor(...args) {
      super(...args);
      conversation = this;
      this.addEventListener('message', ({ data }) => (welcomes += JSON.parse(data).type === 'welcome' ? 1 : 0));
    }
  };

  const living = () => connections.filter((c) => c.connectionState !== 'closed').at(-1);

  async function stats(type) {
    const entries = await living()?.getStats();
    const ofType = [...(entries?.values() ?? [])].filter((entry) => entry.type === type);
    return ofType.map((entry) => ({ ...entry, codec: entries.get(entry.codecId)?.mimeType }));
  }

  /** Where media leave from. */
  async function localCandidate() {
    const entries = await living()?.getStats();
    const transport = [...(entries?.values() ?? [])].find((entry) => entry.type === 'transport');
    const pair = entries?.get(transport?.selectedCandidatePairId);
    return entries?.get(pair?.localCandidateId);
  }

  async function sender(kind) {
    const found = living()
      ?.getSenders()
      .filter((s) => s.track?.kind === kind);
    if (!found?.length) throw new Error(`the page sends no ${kind}`);
    return found[0];
  }

  let camera = null; // the real one, while no picture is sent

  window.observed = {
    /**
     * Every stream the browser receives, with its mid; and whose element plays which; and the number of the connection
     * that they belong to: a new one counts from nought. Asked at once: it costs.
     */
    async perceived() {
      const connection = connections.indexOf(living());
      return { streams: await this.incoming(), playing: this.playing(), connection };
    },

    async incoming() {
      return (await stats('inbound-rtp')).map((entry) => ({
        mid: entry.mid,
        frames: entry.framesDecoded ?? 0,
        width: entry.frameWidth ?? 0,
        height: entry.frameHeight ?? 0,
        energy: entry.totalAudioEnergy ?? 0,
        samples: entry.totalSamplesReceived ?? 0,
        concealed: (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0),
        packets: entry.packetsReceived ?? 0,
        frozen: entry.totalFreezesDuration ?? 0,
        codec: entry.codec,
      }));
    },

    /** The layers the browser sends. */
    async outgoing() {
      return (await stats('outbound-rtp'))
        .filter((entry) => entry.kind === 'video')
        .map((entry) => ({
          rid: entry.rid,
          width: entry.frameWidth ?? 0,
          frames: entry.framesEncoded ?? 0,
          codec: entry.codec,
          limitedBy: entry.qualityLimitationReason,
        }));
    },

    /** How many connections the page has made so far. */
    connections: () => connections.length,

    /** The transport that media use: 'udp' or 'tcp'. */
    async protocol() {
      return (await localCandidate())?.protocol;
    },

    /** How the TURN server is reached that media go through: 'tls'; null: they go through none. */
    async relayedOver() {
      const candidate = await localCandidate();
      return candidate?.candidateType === 'relay' ? candidate.relayProtocol : null;
    },

    /** The TURN servers that the page uses. */
    iceServers: () => living().getConfiguration().iceServers,

    async transport() {
      const [transport] = await stats('transport');
      return transport && { dtls: transport.dtlsState, srtp: transport.srtpCipher, tls: transport.tlsVersion };
    },

    /** Which person's element plays which received stream, as the page has put them on the screen. */
    playing() {
      const mids = new Map((living()?.getTransceivers() ?? []).map((t) => [t.receiver.track.id, t.mid]));
      return [...document.querySelectorAll('video, audio')].flatMap((element) => {
        const person = Number(element.closest('[data-participant]')?.dataset.participant);
        return (element.srcObject?.getTracks() ?? [])
          .filter((track) => person && !element.paused && mids.has(track.id))
          .map((track) => ({ person, kind: track.kind, mid: mids.get(track.id) }));
      });
    },

    connectionState: () => living()?.connectionState ?? 'none',

    /** Sends a picture that never gets another frame, as when an encoder hangs; the page's own camera runs on. */
    async stopPicture() {
      const video = await sender('video');
      camera ??= video.track;
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
      canvas.getContext('2d').fillRect(80, 20, 160, 100);
      await video.replaceTrack(canvas.captureStream(0).getVideoTracks()[0]);
    },

    async resumePicture() {
      await (await sender('video')).replaceTrack(camera);
    },

    /** What a tampered page would do: send a loud tone whatever the meeting says. */
    async sendTone() {
      const audio = new AudioContext();
      const tone = audio.createOscillator();
      const out = audio.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      await audio.resume();
      const sound = await sender('audio');
      const [track] = out.stream.getAudioTracks();
      await sound.replaceTrack(track);
      track.enabled = true;
      return audio.state;
    },

    /** What a broken or hostile page might send; nothing here is a message. */
    welcomes: () => welcomes,

    sendNonsense() {
      for (const text of ['', 'hello', '{"type":"no such"}', '[1,2', `"${'x'.repeat(1_000_000)}"`])
        conversation.send(text);
      conversation.send(new Uint8Array([0, 1, 255]));
    },
  };
}
