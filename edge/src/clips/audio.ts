/** An audio track copied packet by packet, without being decoded, at the pace of the video. */

import { EncodedAudioPacketSource, type EncodedPacket, EncodedPacketSink, type InputAudioTrack, type Output } from "mediabunny";

export class AudioCopy {
  /** Seconds at which what was copied ends. */
  end = 0;
  private next: EncodedPacket | null = null;
  private first = true;

  private constructor(
    private readonly packets: AsyncGenerator<EncodedPacket, void, unknown>,
    private readonly source: EncodedAudioPacketSource,
    private readonly config: AudioDecoderConfig | null,
  ) {}

  static async of(track: InputAudioTrack, source: EncodedAudioPacketSource, output: Output): Promise<AudioCopy> {
    output.addAudioTrack(source, {
      languageCode: await track.getLanguageCode(),
      name: (await track.getName()) ?? undefined,
      disposition: await track.getDisposition(),
    });
    const copy = new AudioCopy(new EncodedPacketSink(track).packets(), source, await track.getDecoderConfig());
    await copy.step();
    return copy;
  }

  /** Copies what begins before so many seconds; all that is left, and the end, for Infinity. */
  async until(seconds: number): Promise<void> {
    while (this.next && this.next.timestamp <= seconds) {
      await this.source.add(this.next, this.first && this.config ? { decoderConfig: this.config } : undefined);
      this.first = false;
      this.end = this.next.timestamp + this.next.duration;
      await this.step();
    }
    if (seconds === Infinity) this.source.close();
  }

  private async step(): Promise<void> {
    this.next = (await this.packets.next()).value ?? null;
  }
}
