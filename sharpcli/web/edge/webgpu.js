async function e(){let e=typeof navigator>`u`?void 0:navigator.gpu;if(!e)throw Error(`this browser has no WebGPU`);let t=await e.requestAdapter({powerPreference:`high-performance`});if(!t)throw Error(`WebGPU finds no graphics device here`);let r=t.features.has(`shader-f16`),{maxStorageBufferBindingSize:i,maxBufferSize:a,maxTextureDimension2D:o}=t.limits,s=await t.requestDevice({requiredFeatures:r?[`shader-f16`]:[],requiredLimits:{maxStorageBufferBindingSize:i,maxBufferSize:a,maxTextureDimension2D:o}}),c=e.wgslLanguageFeatures?.has(`packed_4x8_integer_dot_product`)??!1,l=new Map,u,d=!1;return{gpu:s,arithmetic16:r,dots:c,lost:new Promise(e=>{s.lost.then(({message:t})=>{d||(u=`the graphics device was lost${t?` (${t.trim().replace(/\.$/,``)})`:``}: open another backend`,e(u))})}),words:[n(t.info),r&&`shader-f16`,c&&`dot4I8Packed`].filter(Boolean).join(`, `),gone:()=>u,pipeline:e=>{let t=l.get(e);if(!t){let n={module:s.createShaderModule({code:e})};l.set(e,t=s.createComputePipelineAsync({layout:`auto`,compute:n}))}return t},close:()=>{d=!0,u=`this backend was closed`,s.destroy()}}}async function t({gpu:e},t,n){e.pushErrorScope(`validation`),e.pushErrorScope(`out-of-memory`);let r=n(),[i,a]=await Promise.all([e.popErrorScope(),e.popErrorScope()]);if(!i&&!a)return r;throw r.destroy(),Error(i?t:a.message)}function n({vendor:e,architecture:t,device:n,description:r}){return r||[e,t,n].filter(Boolean).join(` `)||`unnamed adapter`}var r={precision:`float`,arithmetic16:!1,stored:`vec4f`,bytes:16,weight:`mat4x4f`,weightBytes:64,sum:`vec4f`,load:e=>e,store:e=>e,product:(e,t)=>`${e} * ${t}`},i={...r,precision:`half`,stored:`vec2u`,bytes:8,load:e=>`unpacked(${e})`,store:e=>`packed(${e})`},a={...r,precision:`half`,arithmetic16:!0,stored:`vec4h`,bytes:8,weight:`mat4x4h`,weightBytes:32,sum:`vec4h`,store:e=>`vec4h(${e})`},o={precision:`int8`,arithmetic16:!1,stored:`u32`,bytes:4,weight:`vec4u`,weightBytes:16,sum:`vec4i`,load:e=>`(${e} ^ 0x80808080u)`,store:e=>`pack4xU8(vec4u(${e}))`,product:(e,t)=>`dots(${e}, ${t})`};function s(e,t){return e===`int8`?o:e===`half`?t?a:i:r}function c(e){let t=[];return e.arithmetic16&&t.push(`enable f16;`),e.precision===`int8`&&t.push(`requires packed_4x8_integer_dot_product;`),e.stored===`vec2u`&&t.push(`fn packed(v: vec4f) -> vec2u { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }`,`fn unpacked(v: vec2u) -> vec4f { return vec4f(unpack2x16float(v.x), unpack2x16float(v.y)); }`),e.precision===`int8`&&t.push(`fn dots(w: vec4u, v: u32) -> vec4i {
  return vec4i(dot4I8Packed(w.x, v), dot4I8Packed(w.y, v), dot4I8Packed(w.z, v), dot4I8Packed(w.w, v));
}`),t.join(`
`)}function l(e){return Math.ceil(e/4)}function u(e,t,n){let{inputs:r,outputs:i,rounding:a}=e,[o,s]=[l(r),l(i)],c=a?.whole,u=new ArrayBuffer(9*n*s*t.weightBytes),[f,m,h]=[t.weightBytes===64?new Float32Array(u):null,new Uint16Array(u),new Int8Array(u)];for(let n=0;n<i;n++)for(let i=0;i<r;i++)for(let a=0;a<9;a++){let l=(c??e.weight)[(n*r+i)*9+a],u=((a*o+(i>>2))*s+(n>>2))*16,[g,_]=[n&3,i&3];t.precision===`int8`?h[u+4*g+_]=l:f?f[u+4*_+g]=l:m[u+4*_+g]=p(c?l/d:l)}return u}var d=128;function f(e,t,n){let{inputs:r,outputs:i,bias:a,rounding:o}=e,s=4*l(i),c=new Float32Array(4+3*s);if(c[0]=n,new Uint32Array(c.buffer)[1]=l(r),c.set(a,4+s),o)for(let e=0;e<i;e++){c[4+e]=o.step*o.rows[e]*(t.arithmetic16?d:1);let n=o.whole.subarray(e*r*9,(e+1)*r*9);c[4+2*s+e]=128*n.reduce((e,t)=>e+t,0)}return c}function p(e){let t=e<0||Object.is(e,-0)?32768:0,n=Math.abs(e),r=Math.max(Math.floor(Math.log2(n||1)),-14),[i,a]=[r+15,m(n*2**(10-r))];return n===0?t:(a>=2048&&([i,a]=[i+1,1024]),i>30?t|31743:t|(a<1024?a:(i<<10)+a-1024))}function m(e){let t=Math.floor(e),n=e-t;return n>.5||n===.5&&t%2==1?t+1:t}var h=[8,8];function g(e){return[4,3,2,1].find(t=>e%t===0)}var _=`struct Place { image: vec2u, cells: vec2u, strength: f32 }
@group(0) @binding(0) var<uniform> place: Place;`,v=`fn index(group: u32, x: u32, y: u32) -> u32 {
  let pitch = place.cells.x + 2;
  return (group * (place.cells.y + 2) + y) * pitch + x;
}`,y=`fn luma(at: vec2u) -> f32 {
  let pixel = vec3u(round(textureLoad(picture, min(at, place.image - 1), 0).rgb * 255));
  return f32(dot(pixel, vec3u(19595, 38470, 7471))) * (${Math.fround(1/255)}f / 65536);
}`,b=e=>`clamp(round(${e} / terms.step), vec4f(0), vec4f(255))`;function x(e,t){return`${c(e)}
struct Terms { step: f32 }
${_}
@group(0) @binding(1) var picture: texture_2d<f32>;
@group(0) @binding(2) var<storage, read_write> made: array<${e.stored}>;
${t?`@group(0) @binding(3) var<uniform> terms: Terms;`:``}
${v}
${y}
@compute @workgroup_size(${h.join(`, `)})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= place.cells)) { return; }
  let at = 2 * id.xy;
  let cell = vec4f(luma(at), luma(at + vec2u(1, 0)), luma(at + vec2u(0, 1)), luma(at + vec2u(1, 1)));
  made[index(0, id.x + 1, id.y + 1)] = ${e.store(t?b(`cell`):`cell`)};
}`}function S(e,t,n){let{inputs:r,outputs:i,scaled:a,last:o}=t,s=9*r*i,l=s*e.weightBytes<=n?`uniform`:`storage, read`,u=E(g(i)),d=E(2),f=e=>d.flatMap(t=>u.map(n=>e(t,n))),p=e.precision===`int8`?e=>`vec4i(terms.start[first + ${e}])`:()=>`${e.sum}()`,m=e.arithmetic16,y=f((t,n)=>`        s${t}${n} += ${e.product(`weights[w + ${n}]`,`v${t}`)};`);return`${c(e)}
struct Terms { step: f32, inputs: u32, scale: array<vec4f, ${i}>, bias: array<vec4f, ${i}>, start: array<vec4f, ${i}> }
${_}
@group(0) @binding(1) var<storage, read> seen: array<${e.stored}>;
@group(0) @binding(2) var<${l}> weights: array<${e.weight}, ${s}>;
@group(0) @binding(3) var<uniform> terms: Terms;
${o?C:`@group(0) @binding(4) var<storage, read_write> made: array<${e.stored}>;`}
${v}
${o?w:``}
@compute @workgroup_size(${h.join(`, `)})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) workgroup: vec3u) {
  let x = id.x * 2;
  let y = id.y;
  if (x >= place.cells.x || y >= place.cells.y) { return; }
  let inputs = terms.inputs;
  let first = workgroup.z * ${u.length};
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
${y.join(`
`)}
      }
    }
${m?f((e,t)=>`    t${e}${t} += vec4f(s${e}${t});`).join(`
`):``}
  }
${f((n,r)=>T(e,t,n,r,`${m?`t`:`s`}${n}${r}`,a)).join(`
`)}
}`}var C=`@group(0) @binding(4) var picture: texture_2d<f32>;
@group(0) @binding(5) var result: texture_storage_2d<rgba8unorm, write>;`,w=`fn add(cell: vec2u, change: vec4f) {
  for (var phase = 0u; phase < 4; phase++) {
    let at = 2 * cell + vec2u(phase & 1, phase >> 1);
    if (any(at >= place.image)) { continue; }
    let pixel = textureLoad(picture, at, 0);
    let sharp = round(pixel.rgb * 255) + place.strength * 255 * change[phase];
    textureStore(result, at, vec4f(clamp(round(sharp), vec3f(0), vec3f(255)) / 255, pixel.a));
  }
}`;function T({store:e},t,n,r,i,a){let o=`vec4f(${i})${a?` * terms.scale[first + ${r}]`:``} + terms.bias[first + ${r}]`,s=t.relu?`max(${o}, vec4f(0))`:o,c=t.last?`add(vec2u(x + ${n}, y), ${s});`:`made[index(first + ${r}, x + ${n+1}, y + 1)] = ${e(t.rounded?b(`(${s})`):s)};`;return n===0?`  ${c}`:`  if (x + ${n} < place.cells.x) { ${c} }`}function E(e){return Array.from({length:e},(e,t)=>t)}async function D(e,t,n){let{gpu:r}=e,i=s(n,e.arithmetic16),{convolutions:a}=t,o=a.map(e=>e.rounding?.step??0),c=[],d=(e,t)=>{let n=r.createBuffer({size:e.byteLength,usage:t|GPUBufferUsage.COPY_DST});return r.queue.writeBuffer(n,0,e),c.push(n),n},p=e.pipeline(x(i,o[0]>0)).then(e=>({pipeline:e,cells:h,deep:1,terms:o[0]>0?d(new Float32Array([o[0],0,0,0]),GPUBufferUsage.UNIFORM):void 0})),m=Math.max(...a.map(e=>l(e.inputs))),{maxUniformBufferBindingSize:_}=r.limits,v=a.map(async(t,n)=>{let r=n+1===a.length,s={inputs:m,outputs:l(t.outputs),scaled:!!t.rounding,relu:t.relu,rounded:!r&&o[n+1]>0,last:r},c=u(t,i,m),p=c.byteLength<=_?GPUBufferUsage.UNIFORM:GPUBufferUsage.STORAGE;return{weights:d(new Uint8Array(c),p),terms:d(f(t,i,o[n+1]??0),GPUBufferUsage.UNIFORM),pipeline:await e.pipeline(S(i,s,_)),cells:[2*h[0],h[1]],deep:s.outputs/g(s.outputs)}}),y=await Promise.all([p,...v]);return{format:i,groups:Math.max(1,...a.slice(0,-1).map(e=>l(e.outputs))),passes:y,destroy:()=>c.forEach(e=>e.destroy())}}var O=class{device;width;height;picture;result;place;features;dispatches;back;strength=NaN;constructor(e,t,n,r){this.device=e,this.width=n,this.height=r;let{gpu:i}=e,{TEXTURE_BINDING:a,COPY_DST:o,RENDER_ATTACHMENT:s,STORAGE_BINDING:c,COPY_SRC:l}=GPUTextureUsage,u=e=>i.createTexture({size:[n,r],format:`rgba8unorm`,usage:e});this.picture=u(a|o|s),this.result=u(c|l);let d=[Math.ceil(n/2),Math.ceil(r/2)];this.place=i.createBuffer({size:32,usage:GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST}),i.queue.writeBuffer(this.place,0,new Uint32Array([n,r,...d]));let f=k(n,r,t.groups,t.format.bytes);this.features=[0,1].map(()=>i.createBuffer({size:f,usage:GPUBufferUsage.STORAGE}));let p=[this.picture.createView(),this.result.createView()];this.dispatches=t.passes.map(({pipeline:e,weights:n,terms:r,cells:[a,o],deep:s},c)=>{let[l,u]=[this.features[(c+1)%2],this.features[c%2]],f=c+1===t.passes.length,m=(c===0?[this.place,p[0],u,r]:[this.place,l,n,r,...f?p:[u]]).flatMap((e,t)=>e?[{binding:t,resource:e instanceof GPUBuffer?{buffer:e}:e}]:[]);return{pipeline:e,bindings:i.createBindGroup({layout:e.getBindGroupLayout(0),entries:m}),counts:[Math.ceil(d[0]/a),Math.ceil(d[1]/o),s]}})}encode(e,t){t!==this.strength&&this.device.gpu.queue.writeBuffer(this.place,16,new Float32Array([t])),this.strength=t;let n=e.beginComputePass();for(let{pipeline:e,bindings:t,counts:r}of this.dispatches)n.setPipeline(e),n.setBindGroup(0,t),n.dispatchWorkgroups(...r);n.end()}async read(e,t){let{gpu:n}=this.device,[r,i]=[4*this.width,Math.ceil(this.width/64)*256];this.back??=n.createBuffer({size:i*this.height,usage:GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST}),e.copyTextureToBuffer({texture:this.result},{buffer:this.back,bytesPerRow:i},[this.width,this.height]),n.queue.submit([e.finish()]),await this.back.mapAsync(GPUMapMode.READ);let a=new Uint8Array(this.back.getMappedRange());for(let e=0;e<this.height;e++)t.data.set(a.subarray(e*i,e*i+r),e*r);this.back.unmap()}destroy(){for(let e of[this.picture,this.result,this.place,...this.features,this.back])e?.destroy()}};function k(e,t,n,r){return((Math.ceil(e/2)+2)*(Math.ceil(t/2)+2)*n+8)*r}var A=class{device;program;precision;surface;shown=new WeakMap;drawn;constructor(e,t){this.device=e,this.program=t,this.precision=t.format.precision}async image(e,t){let{width:n,height:r}=e;return this.guarded(async()=>{let{gpu:i}=this.device,a=await this.sized(n,r),o=e.data;i.queue.writeTexture({texture:a.picture},o,{bytesPerRow:4*n},[n,r]);let s=new ImageData(n,r,{colorSpace:e.colorSpace}),c=i.createCommandEncoder();return a.encode(c,t),await a.read(c,s),s})}async frame(e,t,n){let[r,i]=j(e);return this.guarded(async()=>{let{gpu:a}=this.device;await this.drawn;let o=await this.sized(r,i);a.queue.copyExternalImageToTexture({source:e},{texture:o.picture},[r,i]);let s=a.createCommandEncoder();o.encode(s,n);let c=this.context(t,r,i).getCurrentTexture();s.copyTextureToTexture({texture:o.result},{texture:c},[r,i]),a.queue.submit([s.finish()]),this.drawn=a.queue.onSubmittedWorkDone().catch(()=>void 0)})}close(){this.surface?.destroy(),this.surface=void 0,this.program.destroy()}async sized(e,n){if(this.surface?.width===e&&this.surface.height===n)return this.surface;this.surface?.destroy(),this.surface=void 0;let{maxTextureDimension2D:r,maxStorageBufferBindingSize:i}=this.device.gpu.limits,{groups:a,format:o}=this.program,s=`${e}x${n} pixels are too many for this graphics device at once: use smaller tiles`;if(Math.max(e,n)>r||k(e,n,a,o.bytes)>i)throw Error(s);let c=`the graphics device has no memory left for ${e}x${n} pixels: use smaller tiles or close other pages`;return this.surface=await t(this.device,c,()=>new O(this.device,this.program,e,n)),this.surface}context(e,t,n){e.width!==t&&(e.width=t),e.height!==n&&(e.height=n);let r=this.shown.get(e);if(!r){let t=e.getContext(`webgpu`);if(!t)throw Error(`this canvas was drawn to in another way: give a new one`);t.configure({device:this.device.gpu,format:`rgba8unorm`,usage:GPUTextureUsage.COPY_DST,alphaMode:`opaque`}),this.shown.set(e,r=t)}return r}async guarded(e){let t=()=>this.device.gone();if(t())throw Error(t());try{let n=await e();if(!t())return n}catch(e){if(await Promise.race([this.device.lost,new Promise(e=>setTimeout(e,100))]),!t())throw e}throw Error(t())}};function j(e){return`displayWidth`in e?[e.displayWidth,e.displayHeight]:`videoWidth`in e?[e.videoWidth,e.videoHeight]:[e.width,e.height]}var M=192;async function N(){let t=await e(),{maxTextureDimension2D:n,maxStorageBufferBindingSize:r}=t.gpu.limits,i=t.dots?[`float`,`half`,`int8`]:[`float`,`half`];return{name:`webgpu`,device:t.words,precisions:i,mostPixels:Math.min(n**2,Math.floor(4*r/M/1.1)),lost:t.lost,close:t.close,compile:async(e,n)=>{let r=t.gone();if(r)throw Error(r);if(!i.includes(n))throw Error(`this graphics device does not compute in ${n}: use float`);if(n===`int8`&&!e.convolutions.every(e=>e.rounding))throw Error(`${e.name} has no INT8 weights: use float or half, or the INT8 file`);return new A(t,await D(t,e,n))}}}export{N as open};