import { join } from "node:path";
import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import type { Metafile } from "esbuild";
import { packageIn, type InstalledPackage } from "./installed-packages.ts";

/** A bundle says what it is made of in this file. */
export const BILL_OF_MATERIALS = "sbom.cdx.json";

/** Where pnpm has a package: its folder from the root. */
const PACKAGE = /^node_modules\/\.pnpm\/[^/]+\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * What a bundle is made of, as CycloneDX 1.6 in JSON: each package of which anything is in it, with its version, licence and purl. It
 * names no time and has no serial number, so that the same bundle has the same bill. What the image's base brings is not in it.
 */
export function billOfMaterials({ outputs }: Metafile, name: string, root: string): string {
  const { version } = packageIn(root);
  const { Bom, Component, ComponentRepository, Metadata } = Models;
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const paths = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const folders = new Set(paths.map((path) => PACKAGE.exec(path)?.[0]).filter((folder) => folder !== undefined));
  const bom = new Bom({
    metadata: new Metadata({
      component: new Component(Enums.ComponentType.Application, name, { version, bomRef: name }),
    }),
    components: new ComponentRepository([...folders].map((folder) => componentOf(packageIn(join(root, folder))))),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf({ name, version, licence }: InstalledPackage): Models.Component {
  const [, group, plain = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return new Models.Component(Enums.ComponentType.Library, plain, {
    version,
    purl,
    bomRef: purl,
    ...(group === undefined ? {} : { group }),
    licenses: new Models.LicenseRepository(licence === undefined ? [] : [licenceOf(licence)]),
  });
}

const licenceOf = (licence: string): Models.SpdxLicense | Models.LicenseExpression =>
  licence.includes(" ") ? new Models.LicenseExpression(licence) : new Models.SpdxLicense(licence);
