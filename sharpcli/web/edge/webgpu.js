import{i as e}from"./open.js";var t=`packed_4x8_integer_dot_product`;async function n(n){let r=typeof navigator>`u`?void 0:navigator.gpu;if(!r)throw Error(`This browser has no WebGPU.`);let a=await r.requestAdapter({powerPreference:`high-performance`});if(!a)throw Error(`WebGPU finds no graphics device here.`);if(a.info.isFallbackAdapter&&!n)throw Error(`WebGPU finds no graphics device but one in software.`);let o=a.features.has(`shader-f16`),{maxStorageBufferBindingSize:s,maxBufferSize:c,maxTextureDimension2D:l}=a.limits,u=await a.requestDevice({requiredFeatures:o?[`shader-f16`]:[],requiredLimits:{maxStorageBufferBindingSize:s,maxBufferSize:c,maxTextureDimension2D:l}}),d=r.wgslLanguageFeatures?.has(t)??!1,f=new Map,p,m=!1;return{gpu:u,arithmetic16:o,dots:d,lost:new Promise(t=>{u.lost.then(({message:n})=>{m||(p=`The graphics device was lost${n?` (${e(n)})`:``}.`,t(p))})}),words:[i(a.info),o&&`shader-f16`,d&&`dot4I8Packed`].filter(Boolean).join(`, `),gone:()=>p,pipeline:e=>{let t=f.get(e);if(!t){let n={module:u.createShaderModule({code:e})};f.set(e,t=u.createComputePipelineAsync({layout:`auto`,compute:n}))}return t},close:()=>{m=!0,p=`This backend was closed.`,u.destroy()}}}async function r({gpu:e},t,n){e.pushErrorScope(`validation`),e.pushErrorScope(`out-of-memory`);let r=n(),[i,a]=await Promise.all([e.popErrorScope(),e.popErrorScope()]);if(!i&&!a)return r;throw r.destroy(),Error(i?t:a.message)}function i({vendor:e,architecture:t,device:n,description:r}){return r||[e,t,n].filter(Boolean).join(` `)||`unnamed adapter`}var a={precision:`float`,arithmetic16:!1,stored:`vec4f`,bytes:16,weight:`mat4x4f`,weightBytes:64,sum:`vec4f`,load:e=>e,store:e=>e,product:(e,t)=>`${e} * ${t}`},o={...a,precision:`half`,stored:`vec2u`,bytes:8,load:e=>`unpacked(${e})`,store:e=>`packed(${e})`},s={...a,precision:`half`,arithmetic16:!0,stored:`vec4h`,bytes:8,weight:`mat4x4h`,weightBytes:32,sum:`vec4h`,store:e=>`vec4h(${e})`},c={precision:`int8`,arithmetic16:!1,stored:`u32`,bytes:4,weight:`vec4u`,weightBytes:16,sum:`vec4i`,load:e=>`(${e} ^ 0x80808080u)`,store:e=>`pack4xU8(vec4u(${e}))`,product:(e,t)=>`dots(${e}, ${t})`};function l(e,t){return e===`int8`?c:e===`half`?t?s:o:a}function u(e){let t=[];return e.arithmetic16&&t.push(`enable f16;`),e.precision===`int8`&&t.push(`requires packed_4x8_integer_dot_product;`),e.stored===`vec2u`&&t.push(`fn packed(v: vec4f) -> vec2u { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }`,`fn unpacked(v: vec2u) -> vec4f { return vec4f(unpack2x16float(v.x), unpack2x16float(v.y)); }`),e.precision===`int8`&&t.push(`fn dots(w: vec4u, v: u32) -> vec4i {
  return vec4i(dot4I8Packed(w.x, v), dot4I8Packed(w.y, v), dot4I8Packed(w.z, v), dot4I8Packed(w.w, v));
}`),t.join(`
`)}function d(e){return Math.ceil(e/4)}function f(e,t,n){let{inputs:r,outputs:i,rounding:a}=e,[o,s]=[d(r),d(i)],c=a?.whole,l=new ArrayBuffer(9*n*s*t.weightBytes),u=t.weightBytes===64?new Float32Array(l):null,[f,p]=[new Uint16Array(l),new Int8Array(l)];for(let n=0;n<i;n++)for(let i=0;i<r;i++)for(let a=0;a<9;a++){let l=(c??e.weight)[(n*r+i)*9+a],d=((a*o+(i>>2))*s+(n>>2))*16,[h,g]=[n&3,i&3];t.precision===`int8`?p[d+4*h+g]=l:u?u[d+4*g+h]=l:f[d+4*g+h]=m(l)}return l}function p(e,t){let{inputs:n,outputs:r,bias:i,rounding:a}=e,o=4*d(r),s=new Float32Array(4+3*o);if(s[0]=t,new Uint32Array(s.buffer)[1]=d(n),s.set(i,4+o),a)for(let e=0;e<r;e++){s[4+e]=a.step*a.rows[e];let t=a.whole.subarray(e*n*9,(e+1)*n*9);s[4+2*o+e]=128*t.reduce((e,t)=>e+t,0)}return s}function m(e){let t=e<0||Object.is(e,-0)?32768:0,n=Math.abs(e),r=Math.max(Math.floor(Math.log2(n||1)),-14),[i,a]=[r+15,h(n*2**(10-r))];return n===0?t:(a>=2048&&([i,a]=[i+1,1024]),i>30?t|31743:t|(a<1024?a:(i<<10)+a-1024))}function h(e){let t=Math.floor(e),n=e-t;return n>.5||n===.5&&t%2==1?t+1:t}var g=[8,8];function _(e){return[4,3,2,1].find(t=>e%t===0)}var v=`struct Place { image: vec2u, cells: vec2u, strength: f32 }
@group(0) @binding(0) var<uniform> place: Place;`,y=`fn index(group: u32, x: u32, y: u32) -> u32 {
  let pitch = place.cells.x + 2;
  return (group * (place.cells.y + 2) + y) * pitch + x;
}`,b=`fn luma(at: vec2u) -> f32 {
  let pixel = vec3u(round(textureLoad(picture, min(at, place.image - 1), 0).rgb * 255));
  return f32(dot(pixel, vec3u(19595, 38470, 7471))) * (${Math.fround(1/255)}f / 65536);
}`,x=e=>`clamp(round(${e} / terms.step), vec4f(0), vec4f(255))`;function S(e,t){return`${u(e)}
struct Terms { step: f32 }
${v}
@group(0) @binding(1) var picture: texture_2d<f32>;
@group(0) @binding(2) var<storage, read_write> made: array<${e.stored}>;
${t?`@group(0) @binding(3) var<uniform> terms: Terms;`:``}
${y}
${b}
@compute @workgroup_size(${g.join(`, `)})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= place.cells)) { return; }
  let at = 2 * id.xy;
  let cell = vec4f(luma(at), luma(at + vec2u(1, 0)), luma(at + vec2u(0, 1)), luma(at + vec2u(1, 1)));
  made[index(0, id.x + 1, id.y + 1)] = ${e.store(t?x(`cell`):`cell`)};
}`}function C(e,t,n){let{inputs:r,outputs:i,scaled:a,last:o}=t,s=9*r*i,c=s*e.weightBytes<=n?`uniform`:`storage, read`,l=D(_(i)),d=D(2),f=e=>d.flatMap(t=>l.map(n=>e(t,n))),p=t=>e.precision===`int8`?`vec4i(terms.start[first + ${t}])`:`${e.sum}()`,m=e.arithmetic16,h=f((t,n)=>`        s${t}${n} += ${e.product(`weights[w + ${n}]`,`v${t}`)};`);return`${u(e)}
alias Each = array<vec4f, ${i}>;
struct Terms { step: f32, inputs: u32, scale: Each, bias: Each, start: Each }
${v}
@group(0) @binding(1) var<storage, read> seen: array<${e.stored}>;
@group(0) @binding(2) var<${c}> weights: array<${e.weight}, ${s}>;
@group(0) @binding(3) var<uniform> terms: Terms;
${o?w:`@group(0) @binding(4) var<storage, read_write> made: array<${e.stored}>;`}
${y}
${o?T:``}
@compute @workgroup_size(${g.join(`, `)})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) workgroup: vec3u) {
  let x = id.x * 2;
  let y = id.y;
  if (x >= place.cells.x || y >= place.cells.y) { return; }
  let inputs = terms.inputs;
  let first = workgroup.z * ${l.length};
${f((e,t)=>m?`  var t${e}${t} = vec4f();`:`  var s${e}${t} = ${p(t)};`).join(`
`)}
  for (var dy = 0u; dy < 3; dy++) {
${m?f((e,t)=>`    var s${e}${t} = ${p(t)};`).join(`
`):``}
    for (var dx = 0u; dx < 3; dx++) {
      for (var input = 0u; input < inputs; input++) {
        let at = index(input, x + dx, y + dy);
        let w = ((3 * dy + dx) * inputs + input) * ${i} + first;
${d.map(t=>`        let v${t} = ${e.load(`seen[at + ${t}]`)};`).join(`
`)}
${h.join(`
`)}
      }
    }
${m?f((e,t)=>`    t${e}${t} += vec4f(s${e}${t});`).join(`
`):``}
  }
${f((n,r)=>E(e,t,n,r,`${m?`t`:`s`}${n}${r}`,a)).join(`
`)}
}`}var w=`@group(0) @binding(4) var picture: texture_2d<f32>;
@group(0) @binding(5) var result: texture_storage_2d<rgba8unorm, write>;`,T=`fn add(cell: vec2u, change: vec4f) {
  for (var phase = 0u; phase < 4; phase++) {
    let at = 2 * cell + vec2u(phase & 1, phase >> 1);
    if (any(at >= place.image)) { continue; }
    let pixel = textureLoad(picture, at, 0);
    let sharp = round(pixel.rgb * 255) + place.strength * 255 * change[phase];
    textureStore(result, at, vec4f(clamp(round(sharp), vec3f(0), vec3f(255)) / 255, pixel.a));
  }
}`;function E({store:e},t,n,r,i,a){let o=`vec4f(${i})${a?` * terms.scale[first + ${r}]`:``} + terms.bias[first + ${r}]`,s=t.relu?`max(${o}, vec4f(0))`:o,c=t.last?`add(vec2u(x + ${n}, y), ${s});`:`made[index(first + ${r}, x + ${n+1}, y + 1)] = ${e(t.rounded?x(`(${s})`):s)};`;return n===0?`  ${c}`:`  if (x + ${n} < place.cells.x) { ${c} }`}function D(e){return Array.from({length:e},(e,t)=>t)}async function O(e,t,n){let{gpu:r}=e,{convolutions:i}=t,a=i.map(e=>e.rounding?.step??0),o=l(n,e.arithmetic16&&!a.some(Boolean)),s=[],c=(e,t)=>{let n=r.createBuffer({size:e.byteLength,usage:t|GPUBufferUsage.COPY_DST});return r.queue.writeBuffer(n,0,e),s.push(n),n},u=e.pipeline(S(o,a[0]>0)).then(e=>({pipeline:e,cells:g,deep:1,terms:a[0]>0?c(new Float32Array([a[0],0,0,0]),GPUBufferUsage.UNIFORM):void 0})),m=Math.max(...i.map(e=>d(e.inputs))),{maxUniformBufferBindingSize:h}=r.limits,v=i.map(async(t,n)=>{let r=n+1===i.length,s={inputs:m,outputs:d(t.outputs),scaled:!!t.rounding,relu:t.relu,rounded:!r&&a[n+1]>0,last:r},l=f(t,o,m),u=l.byteLength<=h?GPUBufferUsage.UNIFORM:GPUBufferUsage.STORAGE;return{weights:c(new Uint8Array(l),u),terms:c(p(t,a[n+1]??0),GPUBufferUsage.UNIFORM),pipeline:await e.pipeline(C(o,s,h)),cells:[2*g[0],g[1]],deep:s.outputs/_(s.outputs)}}),y=await Promise.all([u,...v]);return{format:o,groups:Math.max(1,...i.slice(0,-1).map(e=>d(e.outputs))),passes:y,destroy:()=>s.forEach(e=>e.destroy())}}var k=class{device;width;height;picture;result;place;features;dispatches;back;strength=NaN;constructor(e,t,n,r){this.device=e,this.width=n,this.height=r;let{gpu:i}=e,{TEXTURE_BINDING:a,COPY_DST:o,RENDER_ATTACHMENT:s,STORAGE_BINDING:c,COPY_SRC:l}=GPUTextureUsage,u=e=>i.createTexture({size:[n,r],format:`rgba8unorm`,usage:e});this.picture=u(a|o|s),this.result=u(c|l);let d=[Math.ceil(n/2),Math.ceil(r/2)];this.place=i.createBuffer({size:32,usage:GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST}),i.queue.writeBuffer(this.place,0,new Uint32Array([n,r,...d]));let f=j(n,r,t.groups,t.format.bytes);this.features=[0,1].map(()=>i.createBuffer({size:f,usage:GPUBufferUsage.STORAGE}));let p=[this.picture.createView(),this.result.createView()];this.dispatches=t.passes.map((e,n)=>{let{pipeline:r,weights:a,terms:o,cells:[s,c],deep:l}=e,[u,f]=[this.features[(n+1)%2],this.features[n%2]],m=n+1===t.passes.length?p:[f],h=(n===0?[this.place,p[0],f,o]:[this.place,u,a,o,...m]).flatMap((e,t)=>e?[{binding:t,resource:A(e)}]:[]);return{pipeline:r,bindings:i.createBindGroup({layout:r.getBindGroupLayout(0),entries:h}),counts:[Math.ceil(d[0]/s),Math.ceil(d[1]/c),l]}})}encode(e,t){t!==this.strength&&this.device.gpu.queue.writeBuffer(this.place,16,new Float32Array([t])),this.strength=t;let n=e.beginComputePass();for(let{pipeline:e,bindings:t,counts:r}of this.dispatches)n.setPipeline(e),n.setBindGroup(0,t),n.dispatchWorkgroups(...r);n.end()}async read(e,t){let{gpu:n}=this.device,[r,i]=[4*this.width,Math.ceil(this.width/64)*256],a=GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST;this.back??=n.createBuffer({size:i*this.height,usage:a});let o={buffer:this.back,bytesPerRow:i};e.copyTextureToBuffer({texture:this.result},o,[this.width,this.height]),n.queue.submit([e.finish()]),await this.back.mapAsync(GPUMapMode.READ);let s=new Uint8Array(this.back.getMappedRange());for(let e=0;e<this.height;e++)t.data.set(s.subarray(e*i,e*i+r),e*r);this.back.unmap()}destroy(){for(let e of[this.picture,this.result,this.place,...this.features,this.back])e?.destroy()}};function A(e){return e instanceof GPUBuffer?{buffer:e}:e}function j(e,t,n,r){return((Math.ceil(e/2)+2)*(Math.ceil(t/2)+2)*n+8)*r}var M=class{device;program;precision;surface;shown=new WeakMap;drawn;constructor(e,t){this.device=e,this.program=t,this.precision=t.format.precision}async image(e,t){let{width:n,height:r}=e;return this.guarded(async()=>{let{gpu:i}=this.device,a=await this.sized(n,r),o=e.data;i.queue.writeTexture({texture:a.picture},o,{bytesPerRow:4*n},[n,r]);let s=new ImageData(n,r,{colorSpace:e.colorSpace}),c=i.createCommandEncoder();return a.encode(c,t),await a.read(c,s),s})}async frame(e,t,n){let[r,i]=N(e);return this.guarded(async()=>{let{gpu:a}=this.device;await this.drawn;let o=await this.sized(r,i);a.queue.copyExternalImageToTexture({source:e},{texture:o.picture},[r,i]);let s=a.createCommandEncoder();o.encode(s,n);let c=this.context(t,r,i).getCurrentTexture();s.copyTextureToTexture({texture:o.result},{texture:c},[r,i]),a.queue.submit([s.finish()]),this.drawn=a.queue.onSubmittedWorkDone().catch(()=>void 0)})}close(){this.surface?.destroy(),this.surface=void 0,this.program.destroy()}async sized(e,t){if(this.surface?.width===e&&this.surface.height===t)return this.surface;this.surface?.destroy(),this.surface=void 0;let{maxTextureDimension2D:n,maxStorageBufferBindingSize:i}=this.device.gpu.limits,{groups:a,format:o}=this.program,s=`${e}x${t} pixels are too many for this graphics device at once: use smaller tiles.`,c=j(e,t,a,o.bytes);if(Math.max(e,t)>n||c>i)throw Error(s);let l=`${`The graphics device has no memory left for ${e}x${t} pixels`}: use smaller tiles or close other pages.`;return this.surface=await r(this.device,l,()=>new k(this.device,this.program,e,t)),this.surface}context(e,t,n){e.width!==t&&(e.width=t),e.height!==n&&(e.height=n);let r=this.shown.get(e);if(!r){let t=e.getContext(`webgpu`);if(!t)throw Error(`This canvas was drawn to in another way: give a new one.`);let n=GPUTextureUsage.COPY_DST;t.configure({device:this.device.gpu,format:`rgba8unorm`,usage:n,alphaMode:`opaque`}),this.shown.set(e,r=t)}return r}async guarded(e){let t=()=>this.device.gone();if(t())throw Error(t());try{let n=await e();if(!t())return n}catch(e){if(await Promise.race([this.device.lost,new Promise(e=>setTimeout(e,100))]),!t())throw e}throw Error(t())}};function N(e){return`displayWidth`in e?[e.displayWidth,e.displayHeight]:`videoWidth`in e?[e.videoWidth,e.videoHeight]:[e.width,e.height]}var P=192;async function F(e=!0){let t=await n(e),{maxTextureDimension2D:r,maxStorageBufferBindingSize:i}=t.gpu.limits,a=t.dots?[`float`,`half`,`int8`]:[`float`,`half`];return{name:`webgpu`,device:t.words,precisions:a,mostPixels:Math.min(r**2,Math.floor(4*i/P/1.1)),lost:t.lost,close:t.close,compile:async(e,n)=>{let r=t.gone();if(r)throw Error(r);if(!a.includes(n))throw Error(`This graphics device does not compute in ${n}: use float.`);if(n===`int8`&&!e.convolutions.every(e=>e.rounding))throw Error(`${e.name} has no INT8 weights: use float or half, or the INT8 file.`);return new M(t,await O(t,e,n))}}}export{F as open};