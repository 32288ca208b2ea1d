import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { filesOf, installedDebianPackages, withNeeds } from "./debian-packages.ts";
import { EMULATOR_COMMAND } from "./emulator-command.ts";

/** An image made of what this machine has, for where the real one cannot be fetched: not for production. */
export interface StandIn {
  /** Writes what the image holds into an empty folder. */
  fill(root: string): void;
  /** What the image says of itself, as a Dockerfile does. */
  readonly changes: readonly string[];
}

const PATH = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const CERTIFICATES = "etc/ssl/certs/ca-certificates.crt";
const NOBODY_READS = /^usr\/share\/(doc|info|lintian|locale|man)\//;

/** Node 24 and what it is linked with, certificates, and a user who is not root; no shell and no other program. */
export const distrolessNode: StandIn = {
  fill: (root) => {
    const packages = ["base-files", "ca-certificates", "libc6", "libgcc-s1", "libstdc++6", "netbase", "tzdata"];
    copyFiles(
      root,
      filesOf(packages).filter((path) => !/^(usr\/)?s?bin\//.test(path)),
    );
    copyCertificates(root);
    copyProgram(root, process.execPath, "nodejs/bin/node");
    write(
      root,
      "etc/passwd",
      "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    );
    write(root, "etc/group", "root:x:0:\nnonroot:x:65532:\n");
    mkdirSync(join(root, "home/nonroot"), { recursive: true });
    linkLibraries(root);
  },
  changes: [PATH, 'ENTRYPOINT ["/nodejs/bin/node"]', "USER 65532", "WORKDIR /home/nonroot"],
};

/** A small Debian with apt, Node 24 and npm; git is there, so that installing it brings nothing. */
export const debianNode: StandIn = {
  fill: (root) => {
    fillDebian(root, ["apt", "ca-certificates", "git"]);
    copyProgram(root, process.execPath, "usr/local/bin/node");
    const npm = join(realpathSync(programOf("npm")), "../..");
    cpSync(npm, join(root, "usr/local/lib/node_modules/npm"), { recursive: true });
    write(
      root,
      "usr/local/bin/npm",
      '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n',
      0o755,
    );
  },
  // It trusts whom this machine trusts, a proxy between it and npm's registry for one.
  changes: [PATH, `ENV NODE_EXTRA_CA_CERTS=/${CERTIFICATES}`, 'CMD ["node"]'],
};

/** Java, Google's emulators of Pub/Sub and Firestore, and of gcloud the command that starts them. */
export const emulators: StandIn = {
  fill: (root) => {
    const java = realpathSync(programOf("java"));
    const [owner = ""] = execFileSync("dpkg-query", ["--search", java], { encoding: "utf8" }).split(":");
    fillDebian(root, ["bash", "curl", owner]);
    const sdk = execFileSync("gcloud", ["info", "--format=value(installation.sdk_root)"], { encoding: "utf8" }).trim();
    const jars = [
      "cloud-firestore-emulator/cloud-firestore-emulator.jar",
      "pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar",
    ];
    for (const jar of jars.flatMap((name) => globSync(`platform/${name}`, { cwd: sdk }))) {
      copyProgram(root, join(sdk, jar), `opt/emulators/${basename(jar)}`);
    }
    write(root, "usr/local/bin/gcloud", EMULATOR_COMMAND.replaceAll("JAVA", java), 0o755);
  },
  changes: [PATH, 'CMD ["/bin/bash"]'],
};

/** What the stand-ins are made of, so that they are made again when it changes. */
export function ingredients(): string {
  const packages = installedDebianPackages().map(({ name, version }) => `${name} ${version}`);
  const sources = ["stand-ins.ts", "debian-packages.ts", "emulator-command.ts"];
  return [
    process.version,
    ...packages,
    ...sources.map((file) => readFileSync(join(import.meta.dirname, file), "utf8")),
  ].join("\n");
}

function fillDebian(root: string, more: readonly string[]): void {
  const installed = installedDebianPackages();
  const essential = installed.filter((one) => one.essential).map(({ name }) => name);
  const packages = withNeeds([...essential, ...more], installed);
  copyFiles(root, filesOf(packages));
  copyCertificates(root);
  for (const file of ["passwd", "group"])
    copyFileSync(join(root, `usr/share/base-passwd/${file}.master`), join(root, "etc", file));
  const named = new Set(packages);
  const kept = readFileSync("/var/lib/dpkg/status", "utf8")
    .split("\n\n")
    .filter((entry) => named.has(/^Package: (.+)$/m.exec(entry)?.[1] ?? ""));
  write(root, "var/lib/dpkg/status", `${kept.join("\n\n")}\n`);
  for (const folder of [
    "var/lib/dpkg/info",
    "var/lib/dpkg/updates",
    "var/lib/apt/lists/partial",
    "var/cache/apt/archives/partial",
    "tmp",
  ])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  const sources = "/etc/apt/sources.list.d/debian.sources";
  if (existsSync(sources)) write(root, sources.slice(1), readFileSync(sources, "utf8"));
  linkLibraries(root);
}

function copyFiles(root: string, paths: readonly string[]): void {
  const wanted = paths.filter((path) => !NOBODY_READS.test(path) && existsSync(join("/", dirname(path))));
  const tar = execFileSync(
    "tar",
    ["--create", "--no-recursion", "--ignore-failed-read", "--directory=/", "--files-from=-"],
    {
      input: wanted.join("\n"),
      maxBuffer: 2_000_000_000,
      stdio: ["pipe", "pipe", "ignore"],
    },
  );
  execFileSync("tar", ["--extract", `--directory=${root}`], { input: tar });
}

function copyCertificates(root: string): void {
  write(root, CERTIFICATES, readFileSync(`/${CERTIFICATES}`, "utf8"));
}

function copyProgram(root: string, from: string, to: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  copyFileSync(from, join(root, to));
  chmodSync(join(root, to), 0o755);
}

/** Writes the index by which programs find the libraries. */
function linkLibraries(root: string): void {
  execFileSync("ldconfig", ["-r", root], { stdio: "ignore" });
}

function programOf(name: string): string {
  return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
}

function write(root: string, path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}
