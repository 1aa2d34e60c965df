// Counts what a page makes and drops on the graphics device; runs before the page's own scripts.
const objects = (window.objects = { made: {}, dropped: {} });

function count(list, name) {
  list[name] = (list[name] ?? 0) + 1;
}

function watch(prototype, name, seen) {
  const inner = prototype?.[name];
  if (!inner) return;
  prototype[name] = function (...given) {
    const result = inner.apply(this, given);
    seen(this, given, result);
    return result;
  };
}

for (const kind of ["Texture", "Buffer", "Framebuffer", "Program", "Shader"]) {
  const made = (_context, _given, result) => result && count(objects.made, kind);
  const dropped = (_context, [what]) => what && count(objects.dropped, kind);
  watch(window.WebGL2RenderingContext?.prototype, `create${kind}`, made);
  watch(window.WebGL2RenderingContext?.prototype, `delete${kind}`, dropped);
  watch(window.GPUDevice?.prototype, `create${kind}`, made);
}
watch(window.WebGL2RenderingContext?.prototype, "fenceSync", (_context, _given, result) => result && count(objects.made, "Sync"));
watch(window.WebGL2RenderingContext?.prototype, "deleteSync", (_context, [what]) => what && count(objects.dropped, "Sync"));
watch(window.GPUTexture?.prototype, "destroy", () => count(objects.dropped, "Texture"));
watch(window.GPUBuffer?.prototype, "destroy", () => count(objects.dropped, "Buffer"));

// Contexts too, so that a test can take one away.
window.contexts = [];
for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) {
  watch(canvas.prototype, "getContext", (_canvas, [kind], result) => kind === "webgl2" && window.contexts.push(result));
}
