var e={levels:4,half:2,float:1},t={levels:2,half:2,float:1};function n(e){return Math.min(...e.map(e=>t[e]))}function r(t,n){return Math.ceil(t/e[n])}function i(e){return e===`float`?`vec4`:`uvec4`}function a(t,n){let r=e[t],i=`texelFetch(features, ivec3(place, (quad >> ${Math.log2(r)}) * ${n} + column), 0)`,a={levels:`uint four = ${i}[quad & 3];
  return vec4(uvec4(four, four >> 8, four >> 16, four >> 24) & 255u);`,half:`uvec4 eight = ${i};
  uvec2 four = (quad & 1) == 0 ? eight.xy : eight.zw;
  return vec4(unpackHalf2x16(four.x), unpackHalf2x16(four.y));`,float:`return ${i};`};return`uniform ${t===`float`?``:`u`}sampler2DArray features;
vec4 read(ivec2 place, int column, int quad) {
  ${a[t]}
}`}function o(e){return e===`float`?``:e===`half`?`uvec2 pack(vec4 value) { return uvec2(packHalf2x16(value.xy), packHalf2x16(value.zw)); }`:`uint pack(vec4 value, float unit) {
  uvec4 levels = uvec4(clamp(roundEven(value / unit), 0.0, 255.0));
  return levels.x | levels.y << 8 | levels.z << 16 | levels.w << 24;
}`}function s(t,n,r){if(n===`float`)return t[0];let i=t.map(e=>n===`half`?`pack(${e})`:`pack(${e}, ${r})`);return`uvec4(${Array.from({length:e[n]},(e,t)=>i[t%i.length]).join(`, `)})`}var c=`#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
precision highp usampler2DArray;
`,l=`#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;function u(e,t){return f(e).map(e=>`layout(location = ${e}) out ${i(t)} out${e};`).join(`
`)}function d(t,n,a,o){return f(r(n,a)).flatMap(r=>f(t).map(c=>{let l=s(f(n).slice(r*e[a],(r+1)*e[a]).map(e=>o(c,e)),a,`unit`);return`  out${r*t+c} = first + ${c} < width ? ${l} : ${i(a)}(0);`})).join(`
`)}function f(e){return Array.from({length:e},(e,t)=>t)}var p=`The browser took the graphics device away.`;function m(){return typeof document>`u`||!document.hidden?new Promise(e=>setTimeout(e,0)):new Promise(e=>{let{port1:t,port2:n}=new MessageChannel;t.onmessage=()=>{t.close(),e()},n.postMessage(null)})}async function h(e){let t=e.fenceSync(e.SYNC_GPU_COMMANDS_COMPLETE,0);e.flush();try{for(;!e.isContextLost()&&t;){let n=e.clientWaitSync(t,0,0);if(n===e.ALREADY_SIGNALED||n===e.CONDITION_SATISFIED)return;if(n===e.WAIT_FAILED)break;await m()}}finally{e.deleteSync(t)}throw Error(p)}var g=class{#e;#t;#n=new Map;#r;constructor(e){this.#e=e,this.#r=e.getExtension(`KHR_parallel_shader_compile`),this.#t=_(e,e.VERTEX_SHADER,l)}async of(e){let t=[...new Set(e)].filter(e=>!this.#n.has(e)).map(e=>[e,this.#i(e)]);for(let[e,n]of t)this.#n.set(e,await this.#a(n));return new Map(e.map(e=>[e,this.#n.get(e)]))}close(){for(let{program:e}of this.#n.values())this.#e.deleteProgram(e);this.#n.clear(),this.#e.deleteShader(this.#t)}#i(e){let t=this.#e,n=t.createProgram(),r=_(t,t.FRAGMENT_SHADER,e);return t.attachShader(n,this.#t),t.attachShader(n,r),t.linkProgram(n),t.deleteShader(r),n}async#a(e){let t=this.#e;for(;this.#r&&!t.isContextLost()&&!t.getProgramParameter(e,this.#r.COMPLETION_STATUS_KHR);)await m();if(t.isContextLost())throw Error(p);if(!t.getProgramParameter(e,t.LINK_STATUS)){let n=t.getAttachedShaders(e)?.[1],r=n&&t.getShaderInfoLog(n)||t.getProgramInfoLog(e);throw Error(`This device's WebGL does not compile the network: ${r}`)}let n=t.getUniformBlockIndex(e,`Weights`);n!==t.INVALID_INDEX&&t.uniformBlockBinding(e,n,0),t.useProgram(e),t.uniform1i(t.getUniformLocation(e,`pixels`),0),t.uniform1i(t.getUniformLocation(e,`features`),1);let r=new Map;return{program:e,at:n=>(r.has(n)||r.set(n,t.getUniformLocation(e,n)),r.get(n)??null)}}};function _(e,t,n){let r=e.createShader(t);if(!r)throw Error(p);return e.shaderSource(r,n),e.compileShader(r),r}function v(){let e={antialias:!1,depth:!1,stencil:!1,powerPreference:`high-performance`};for(let t of y()){let n=t.getContext(`webgl2`,e);if(n)return{own:t,gl:n}}throw Error(`This browser has no WebGL 2, or it is switched off.`)}function*y(){typeof OffscreenCanvas<`u`&&(yield new OffscreenCanvas(2,2)),typeof document<`u`&&(yield document.createElement(`canvas`))}function b(e,t){return t.disable(t.DITHER),t.pixelStorei(t.UNPACK_COLORSPACE_CONVERSION_WEBGL,t.NONE),t.pixelStorei(t.UNPACK_PREMULTIPLY_ALPHA_WEBGL,!1),t.pixelStorei(t.UNPACK_ALIGNMENT,1),{gl:t,programs:new g(t),mostBlock:t.getParameter(t.MAX_UNIFORM_BLOCK_SIZE),mostSide:t.getParameter(t.MAX_TEXTURE_SIZE),sized:(t,n)=>w(e,t,n),show:t=>C(e,t)}}function x(e,t){let n=e.createBuffer();return e.bindBuffer(e.UNIFORM_BUFFER,n),e.bufferData(e.UNIFORM_BUFFER,t,e.STATIC_DRAW),n}function S(e){let t=e.getExtension(`WEBGL_debug_renderer_info`);return String(e.getParameter(t?t.UNMASKED_RENDERER_WEBGL:e.RENDERER))}function C(e,t){w(t,e.width,e.height);let n=t.getContext(`2d`);if(!n)throw Error(`This canvas was drawn on by something else before: give a fresh one.`);n.globalCompositeOperation=`copy`,n.drawImage(e,0,0)}function w(e,t,n){e.width!==t&&(e.width=t),e.height!==n&&(e.height=n)}function T(e){return 9*e.inputs*e.outputs}function E(e){let{outputs:t,columns:n}=e;return`${c}${a(e.reads,n)}
layout(std140) uniform Weights {
  mat4 weight[${T(e)}];
  vec4 bias[${t}];
  vec4 scale[${t}];
  float unit;
};
uniform int width;
uniform int quads;
${u(n*r(t,e.writes),e.writes)}
${o(e.writes)}
void main() {
  ivec2 place = ivec2(gl_FragCoord.xy);
  int first = (place.x - 1) * ${n};
  vec4 ${(e=>f(n).flatMap(n=>f(t).map(t=>e(n,t))))((e,t)=>`sum${e}_${t} = vec4(0.0)`).join(`, `)};
  int next = 0;
  for (int row = -1; row < 2; row++) for (int beside = -1; beside < 2; beside++) {
    for (int quad = 0; quad < quads; quad++) {
${f(t).map(e=>`      mat4 weight${e} = weight[next + ${e}];`).join(`
`)}
${f(n).map(t=>D(t,e)).join(`
`)}
      next += ${t};
    }
  }
${d(n,t,e.writes,(t,n)=>{let r=`sum${t}_${n} * scale[${n}] + bias[${n}]`;return e.relu&&e.writes!==`levels`?`max(${r}, 0.0)`:r})}
}`}function D(e,{columns:t,outputs:n}){let r=e?`beside + ${e}`:`beside`,i=`place + ivec2((${r}) >> ${Math.log2(t)}, row), (${r}) & ${t-1}`,a=f(n).map(t=>`      sum${e}_${t} += weight${t} * value${e};`);return[`      vec4 value${e} = read(${i}, quad);`,...a].join(`
`)}var O=`float luma(vec4 pixel) {
  return dot(floor(pixel.rgb * 255.0 + 0.5), vec3(19595.0, 38470.0, 7471.0)) * (1.0 / (65536.0 * 255.0));
}`;function k(e,t){let n=e=>`vec4(at(place + ivec2(${2*e}, 0)), at(place + ivec2(${2*e+1}, 0)), at(place + ivec2(${2*e}, 1)), at(place + ivec2(${2*e+1}, 1)))`;return`${c}uniform sampler2D pixels;
uniform ivec2 size;
uniform int margin;
uniform int width;
uniform float unit;
${u(t,e)}
${O}
${o(e)}
float at(ivec2 place) {
  place = min(place, size + 2 * margin - 1) - margin;
  place = max(place, -1 - place);
  place = min(place, 2 * size - 1 - place);
  return luma(texelFetch(pixels, clamp(place, ivec2(0), size - 1), 0));
}
void main() {
  int first = (int(gl_FragCoord.x) - 1) * ${t};
  ivec2 place = 2 * ivec2(first, int(gl_FragCoord.y) - 1);
${d(t,1,e,e=>n(e))}
}`}function A(e,t){return`${c}${a(e,t)}
uniform sampler2D pixels;
uniform ivec2 size;
uniform int margin;
uniform float strength;
uniform bool shown;
layout(location = 0) out vec4 result;
void main() {
  ivec2 place = ivec2(gl_FragCoord.xy);
  if (shown) place.y = size.y - 1 - place.y;
  vec4 pixel = floor(texelFetch(pixels, place, 0) * 255.0 + 0.5);
  ivec2 wide = place + margin;
  ivec2 block = wide / 2;
  vec4 four = read(ivec2(block.x / ${t}, block.y) + 1, block.x % ${t}, 0);
  float change = four[(wide.y & 1) * 2 + (wide.x & 1)] * 255.0;
  vec3 colour = clamp(roundEven(pixel.rgb + strength * change), 0.0, 255.0);
  result = vec4(colour, pixel.a) / 255.0;
  if (shown) result.rgb *= result.a;
}`}var j=4;function M(e,t,i){let a=e.convolutions.map(e=>e.rounding?`levels`:t),o=n(a.slice(1)),s=Math.max(...e.convolutions.map(e=>I(e.inputs))),c=P(s,i),l=e.convolutions.map((n,i)=>{let l=a[i+1]??t,u={inputs:s,reads:a[i],writes:l,columns:o,relu:n.relu},d=I(n.outputs),f=e.convolutions[i+1]?.rounding?.step??1,p=Array.from({length:Math.ceil(d/c)},(e,t)=>t*c).map(e=>N(n,{...u,outputs:Math.min(c,d-e)},e,f));return{writes:l,quads:I(n.inputs),layers:o*r(d,l),draws:p}});return{columns:o,blocks:a[0],step:e.convolutions[0].rounding?.step??1,gather:k(a[0],o),passes:l,finish:A(t,o)}}function N(t,n,i,a){let{writes:o}=n,s=e[o],c=Array.from({length:4},(e,t)=>{let r=Math.floor(t*s/4);return n.outputs>=s||r>=i%s&&r<i%s+n.outputs});return{source:E(n),block:L(t,n,i,a),start:Math.floor(i/s)*n.columns,targets:r(n.outputs,o)*n.columns,mask:c}}function P(e,t){for(let n=j;n>=1;n/=2)if(4*F({inputs:e,outputs:n})<=t)return n;throw Error(`This network is too wide for WebGL on this device.`)}function F(e){return 16*T(e)+8*e.outputs+4}function I(e){return Math.ceil(e/4)}function L(e,t,n,r){let i=new Float32Array(F(t)),a=16*T(t),o=a+4*t.outputs,s=e.rounding?.whole??e.weight,c=Math.min(4*t.outputs,e.outputs-4*n);for(let r=0;r<c;r++){let c=4*n+r;for(let n=0;n<e.inputs;n++)for(let a=0;a<9;a++){let o=(a*I(e.inputs)+(n>>2))*t.outputs+(r>>2);i[16*o+4*(n&3)+(r&3)]=s[(c*e.inputs+n)*9+a]}i[a+r]=e.bias[c],i[o+r]=e.rounding?e.rounding.step*e.rounding.rows[c]:1}return i[o+4*t.outputs]=r,i}var R=class{#e;#t=null;#n=0;constructor(e){this.#e=e}async image(e,t,n){let r=this.#e;this.#r(4*e*t),r.readPixels(0,0,e,t,r.RGBA,r.UNSIGNED_BYTE,0),r.bindBuffer(r.PIXEL_PACK_BUFFER,null),await h(r);let i=new ImageData(e,t,{colorSpace:n});if(r.bindBuffer(r.PIXEL_PACK_BUFFER,this.#t),r.getBufferSubData(r.PIXEL_PACK_BUFFER,0,i.data),r.bindBuffer(r.PIXEL_PACK_BUFFER,null),r.isContextLost())throw Error(p);return i}close(){this.#e.deleteBuffer(this.#t),this.#t=null,this.#n=0}#r(e){let t=this.#e;this.#n!==e&&this.close(),this.#t??=t.createBuffer(),t.bindBuffer(t.PIXEL_PACK_BUFFER,this.#t),this.#n!==e&&t.bufferData(t.PIXEL_PACK_BUFFER,e,t.STREAM_READ),this.#n=e}};function z(e){return`displayWidth`in e?{width:e.displayWidth,height:e.displayHeight}:`videoWidth`in e?{width:e.videoWidth,height:e.videoHeight}:{width:e.width,height:e.height}}var B=class{#e=null;straight(e){if(!(`displayWidth`in e)||!e.visibleRect)return e;let{width:t,height:n}=z(e);if(!(`rotation`in e&&e.rotation!==0)&&e.visibleRect.width===t&&e.visibleRect.height===n)return e;let r=this.#e??=new OffscreenCanvas(t,n);return r.width!==t&&(r.width=t),r.height!==n&&(r.height=n),r.getContext(`2d`).drawImage(e,0,0,t,n),r}},V=`The graphics device has too little memory for an image of this size.`;function H(e,t,n){e.activeTexture(e.TEXTURE0+(t===e.TEXTURE_2D?0:1)),e.bindTexture(t,n)}var U=class{size;blocksAcross;width;height;pixels;blocks;steps=[];change;#e;#t=[];#n=[];#r=null;constructor(e,t,n){this.#e=e,this.size=n,this.blocksAcross=Math.ceil((n.width+2*n.margin)/2),this.width=Math.ceil(this.blocksAcross/t.columns),this.height=Math.ceil((n.height+2*n.margin)/2);try{this.pixels=this.#a(e.TEXTURE_2D);let n=[],r=this.#i(n,[],t.blocks,t.columns);this.blocks=this.#o(r,0,t.columns);for(let e of t.passes){let t=this.#i(n,[r],e.writes,e.layers),i=e.draws.map(e=>this.#o(t,e.start,e.targets));this.steps.push({from:r.texture,into:i}),r=t}this.change=r.texture,this.#c()}catch(e){throw this.close(),e}}get result(){let e=this.#e;if(!this.#r){let t=this.#a(e.TEXTURE_2D);e.texStorage2D(e.TEXTURE_2D,1,e.RGBA8,this.size.width,this.size.height),this.#r=this.#s(),e.framebufferTexture2D(e.FRAMEBUFFER,e.COLOR_ATTACHMENT0,e.TEXTURE_2D,t,0),this.#c()}return this.#r}close(){for(let e of this.#n.splice(0))this.#e.deleteFramebuffer(e);for(let e of this.#t.splice(0))this.#e.deleteTexture(e)}#i(e,t,n,r){let i=e.find(e=>!t.includes(e)&&e.storage===n&&e.layers===r);if(i)return i;let a=this.#e,o=n===`float`?a.RGBA32F:a.RGBA32UI,s=this.#a(a.TEXTURE_2D_ARRAY);a.texStorage3D(a.TEXTURE_2D_ARRAY,1,o,this.width+2,this.height+2,r);let c={texture:s,storage:n,layers:r};return e.push(c),c}#a(e){let t=this.#e,n=t.createTexture();return this.#t.push(n),H(t,e,n),t.texParameteri(e,t.TEXTURE_MIN_FILTER,t.NEAREST),t.texParameteri(e,t.TEXTURE_MAG_FILTER,t.NEAREST),n}#o(e,t,n){let r=this.#e,i=this.#s(),a=Array.from({length:n},(e,t)=>r.COLOR_ATTACHMENT0+t);for(let[n,i]of a.entries())r.framebufferTextureLayer(r.FRAMEBUFFER,i,e.texture,0,t+n);return r.drawBuffers(a),i}#s(){let e=this.#e.createFramebuffer();return this.#n.push(e),this.#e.bindFramebuffer(this.#e.FRAMEBUFFER,e),e}#c(){let e=this.#e,t=e.checkFramebufferStatus(e.FRAMEBUFFER)===e.FRAMEBUFFER_COMPLETE;if(e.isContextLost())throw Error(p);if(e.getError()===e.OUT_OF_MEMORY||!t)throw Error(V)}},W=class e{precision;#e;#t;#n;#r;#i;#a;#o=new B;#s=null;static async compiled(t,n,r){let i=M(n,r,t.mostBlock),a=i.passes.flatMap(e=>e.draws.map(e=>e.source)),o=await t.programs.of([i.gather,...a,i.finish]);return new e(t,n,r,i,o)}constructor(e,t,n,r,i){this.precision=n,this.#e=e,this.#t=t,this.#n=r,this.#r=i,this.#i=r.passes.map(t=>t.draws.map(t=>x(e.gl,t.block))),this.#a=new R(e.gl)}async image(e,t){let{gl:n}=this.#e,{width:r,height:i}=e,a=this.#c({width:r,height:i,margin:0}),{result:o}=a;H(n,n.TEXTURE_2D,a.pixels);let s=new Uint8Array(e.data.buffer,e.data.byteOffset,e.data.byteLength);return n.texImage2D(n.TEXTURE_2D,0,n.RGBA8,r,i,0,n.RGBA,n.UNSIGNED_BYTE,s),this.#l(a),this.#u(a,o,t),this.#a.image(r,i,e.colorSpace)}async frame(e,t,n){let{gl:r}=this.#e,i={...z(e),margin:this.#t.margin},a=this.#c(i);H(r,r.TEXTURE_2D,a.pixels),r.texImage2D(r.TEXTURE_2D,0,r.RGBA8,r.RGBA,r.UNSIGNED_BYTE,this.#o.straight(e)),this.#l(a),this.#e.sized(i.width,i.height),this.#u(a,null,n),this.#e.show(t),await h(r)}close(){this.#s?.close(),this.#s=null,this.#a.close();for(let e of this.#i.flat())this.#e.gl.deleteBuffer(e);this.#i.length=0}#c(e){let{gl:t,mostSide:n}=this.#e;if(t.isContextLost())throw Error(p);if(!e.width||!e.height)throw Error(`There is no picture yet: wait until the video has one.`);let r=this.#s?.size;if(r&&r.width===e.width&&r.height===e.height&&r.margin===e.margin)return this.#s;if(this.#s?.close(),this.#s=null,Math.max(e.width,e.height)>n)throw Error(V);return this.#s=new U(t,this.#n,e)}#l(e){let{gl:t}=this.#e,{width:n,height:r,margin:i}=e.size;t.viewport(1,1,e.width,e.height);let{at:a}=this.#d(this.#n.gather);t.uniform2i(a(`size`),n,r),t.uniform1i(a(`margin`),i),t.uniform1i(a(`width`),e.blocksAcross),t.uniform1f(a(`unit`),this.#n.step),this.#f(e.blocks);for(let[n,r]of this.#n.passes.entries()){let i=e.steps[n];H(t,t.TEXTURE_2D_ARRAY,i.from);for(let[a,o]of r.draws.entries()){let{at:s}=this.#d(o.source);t.uniform1i(s(`width`),e.blocksAcross),t.uniform1i(s(`quads`),r.quads),t.colorMask(...o.mask),t.bindBufferBase(t.UNIFORM_BUFFER,0,this.#i[n][a]),this.#f(i.into[a])}}t.colorMask(!0,!0,!0,!0)}#u(e,t,n){let{gl:r}=this.#e,{width:i,height:a,margin:o}=e.size,{at:s}=this.#d(this.#n.finish);H(r,r.TEXTURE_2D_ARRAY,e.change),r.viewport(0,0,i,a),r.uniform2i(s(`size`),i,a),r.uniform1i(s(`margin`),o),r.uniform1f(s(`strength`),n),r.uniform1i(s(`shown`),+!t),this.#f(t)}#d(e){let t=this.#r.get(e);return this.#e.gl.useProgram(t.program),t}#f(e){let{gl:t}=this.#e;t.bindFramebuffer(t.FRAMEBUFFER,e),t.drawArrays(t.TRIANGLES,0,3)}},G=1<<22,K=/swiftshader|llvmpipe|softpipe|software|basic render/i;async function q(e=!0){let{own:t,gl:n}=v();if(!e&&K.test(S(n)))throw n.getExtension(`WEBGL_lose_context`)?.loseContext(),Error(`WebGL 2 finds no graphics device but one in software.`);let r=n.getExtension(`EXT_color_buffer_float`)?[`float`,`half`]:[`half`],i=b(t,n),a=new AbortController,o=new Promise(e=>{t.addEventListener(`webglcontextlost`,()=>e(p),{signal:a.signal})});return{name:`webgl2`,device:S(n),precisions:r,mostPixels:Math.min(G,i.mostSide**2),lost:o,compile(e,t){return t===`int8`||!r.includes(t)?Promise.reject(Error(`WebGL computes in ${r.join(` or `)} on this device.`)):W.compiled(i,e,t)},close(){a.abort(),i.programs.close(),n.getExtension(`WEBGL_lose_context`)?.loseContext()}}}export{q as open};