import { SAMPLE_HEIGHT, SAMPLE_WIDTH } from "./picture";

/** Looks at what a video element shows, very small. */
export class Eye {
  private readonly context: CanvasRenderingContext2D | null;

  constructor() {
    const canvas = document.createElement("canvas");
    canvas.width = SAMPLE_WIDTH;
    canvas.height = SAMPLE_HEIGHT;
    this.context = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
    // Every pixel counts, not only those at the sampled points: a face that hardly moves is not a still.
    if (this.context) this.context.imageSmoothingQuality = "medium";
  }

  /** The pixels shown now, RGBA; null while there is no picture. */
  look(element: HTMLVideoElement): Uint8ClampedArray | null {
    if (!this.context || element.readyState < element.HAVE_CURRENT_DATA || element.videoWidth === 0)
      return null;
    this.context.drawImage(element, 0, 0, SAMPLE_WIDTH, SAMPLE_HEIGHT);
    return this.context.getImageData(0, 0, SAMPLE_WIDTH, SAMPLE_HEIGHT).data;
  }
}
