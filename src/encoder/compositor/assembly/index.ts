// The compositor's kernels, in AssemblyScript; kernels.ts is their other side. `npm run kernels` builds kernels.wasm.
export { blendChroma, blendPlane, copyPlane, fillPlane, mixPlane } from './planes';
export { rgbaToYuva } from './rgba';
export { scalePlane } from './scale';
