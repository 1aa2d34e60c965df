/** Pictures that a test has put beside its page. */

export async function drawn(url: string): Promise<ImageData> {
  const picture = await createImageBitmap(await (await fetch(url)).blob(), { colorSpaceConversion: "none" });
  const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d")!;
  context.drawImage(picture, 0, 0);
  return context.getImageData(0, 0, picture.width, picture.height);
}
