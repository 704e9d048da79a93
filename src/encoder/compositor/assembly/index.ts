// The compositor's kernels, in AssemblyScript; kernels.ts is their other side. `npm run kernels` builds kernels.wasm.
export { blendChroma, blendPlane, copyPlane, fillPlane, maskPlane, mixPlane } from './planes';
export { rgbaToYuva } from './rgba';
export { scalePlane } from './scale';
export { turnPlane } from './turn';
