import { GitError } from "./git-error.ts";

/** A repository on another machine, and who asks for it. */
export interface Remote {
  /** `https://github.com/acme/shop.git`, without a user, a query or a fragment. */
  readonly url: string;
  readonly credentials?: Credentials;
}

export interface Credentials {
  /** GitHub takes any, GitLab `oauth2`, Bitbucket `x-token-auth`. */
  readonly username: string;
  readonly token: string;
}

/** As in a git configuration, by their names. */
export type GitSettings = Readonly<Record<string, string>>;

/** A server that says less than this for so long is taken for one that hangs, and not for a slow one. */
const LOW_SPEED = { "http.lowSpeedLimit": "1000", "http.lowSpeedTime": "15" };

/**
 * The environment of a git that talks to `origin`. All that it knows of the remote is here: the clone's own configuration says nothing
 * of it, so that a git which only reads has nowhere to fetch from. Credentials are for this one server, are in no argument and no file,
 * and no redirection carries them elsewhere.
 */
export function remoteEnvironment({ url, credentials }: Remote, settings: GitSettings = {}): Record<string, string> {
  const { protocol, origin } = new URL(url);
  return {
    HOME: "/dev/null", // no .netrc
    GIT_ALLOW_PROTOCOL: protocol.slice(0, -1),
    ...asEnvironment({
      "remote.origin.url": url,
      "remote.origin.promisor": "true", // or a fetch with a filter would write down that it is
      "remote.origin.partialclonefilter": "blob:none",
      "http.followRedirects": "false",
      ...LOW_SPEED,
      "gc.auto": "0",
      "maintenance.auto": "false",
      ...settings,
      ...(credentials && { [`http.${origin}/.extraHeader`]: `Authorization: ${basic(credentials)}` }),
    }),
  };
}

function asEnvironment(settings: GitSettings): Record<string, string> {
  const pairs = Object.entries(settings);
  const numbered = pairs.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(pairs.length), ...Object.fromEntries(numbered) };
}

const basic = ({ username, token }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}`;

const REFUSED =
  /repository '.*' not found|requested URL returned error: 40[134]|could not read (Username|Password)|Authentication failed|access denied/i;
const REFUSED_REMEDY =
  "the server does not know it, or not this token: see that the repository is there and that GIT_TOKEN may read it";
const REDIRECTED = /requested URL returned error: 30\d|unable to update url base from redirection|redirect/i;
const REDIRECTED_REMEDY =
  "the server points elsewhere, which is not followed: set GIT_URL to where repositories are now";
const ABSENT = /not our ref|no such remote ref|couldn't find remote ref/i;
const FULL = /no space left|file too large|disk quota/i;
/** What is left is the machine's own: everything else that a fetch can fail of is the network's or the server's. */
const LOCAL = /unable to create|cannot lock ref|invalid refspec|usage:/i;

/**
 * What git failed of, by its words (in English: LC_ALL=C). They hold some of the server's, which may repeat what it was sent: credentials
 * are taken out.
 */
export function remoteFailure({ url, credentials }: Remote, where: string, complaint: string): GitError {
  const secrets = credentials === undefined ? [] : [basic(credentials).slice("Basic ".length), credentials.token];
  const said = secrets.reduce((text, secret) => text.replaceAll(secret, "***"), complaint) || "no explanation";
  const from = `${where} from ${url}`;
  if (ABSENT.test(said)) return new GitError("not-found", `${from}: ${said}; it may be on its way, or lost`);
  if (FULL.test(said)) return new GitError("too-large", `${from}: ${said}; its folder, GIT_FOLDER, needs more room`);
  if (REDIRECTED.test(said)) return new GitError("remote-refused", `${from}: ${REDIRECTED_REMEDY} (${said})`);
  if (REFUSED.test(said)) return new GitError("remote-refused", `${from}: ${REFUSED_REMEDY} (${said})`);
  if (LOCAL.test(said)) return new GitError("failed", `${from}: ${said}`);
  return new GitError("remote-failed", `${from}: ${said}`);
}
