/** What to do about a package that a plugin needs and does not hold, wherever that is found. */
export const BUNDLE_REMEDY =
  'Bundle it into the code: "esbuild src/extension.ts --bundle --platform=node --external:@bulkhead/extension-api ' +
  '--outfile=dist/extension.cjs", as "bulkhead plugin new" sets it up; or name it in "bundleDependencies" too.';
