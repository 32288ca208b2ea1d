import type { FileKind } from "@contextpilot/events";

const CODE =
  "(?:[cm]?[jt]sx?|py|go|rs|rb|java|kts?|scala|groovy|cs|fs|vb|php|swift|dart|exs?|erl|clj|c|cc|cpp|h|hpp|lua|pl|sh)";

/** What a path says by its folders and its name; the first that fits wins. */
const RULES: readonly (readonly [FileKind, RegExp])[] = [
  // What nobody wrote by hand comes first: a package.json below node_modules is not ours.
  [
    "generated",
    /(?:^|\/)(?:dist|vendor|third_party|node_modules|bower_components|__generated__|generated|__snapshots__)\//i,
  ],
  [
    "generated",
    /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|packages\.lock\.json|bun\.lockb)$/i,
  ],
  ["generated", /\.(?:lock|lockfile|resolved|lock\.hcl)$|(?:^|\/)go(?:\.work)?\.sum$/i],
  [
    "generated",
    /\.(?:min\.(?:js|css|mjs)|bundle\.js|(?:js|css|ts)\.map|snap|pb\.(?:go|cc|h)|g\.dart|freezed\.dart|designer\.cs)$/i,
  ],
  ["generated", /\.(?:generated|gen)\.[a-z]+$|_generated\.[a-z]+$|_pb2(?:_grpc)?\.pyi?$|(?:^|\/)zz_generated[^/]*$/i],

  // Docs and tests come before the risky places: a page or a test about signing in opens no door.
  ["docs", /\.(?:md|mdx|markdown|rst|adoc|asciidoc|tex)$|^docs?\//i],
  [
    "docs",
    /(?:^|\/)(?:readme|licen[cs]e|copying|notice|authors|contributors|changelog|changes|history|news)(?:\.txt)?$/i,
  ],
  ["docs", new RegExp(`(?:^|/)(?:docs|documentation)/(?!(?:[^/]*/)*[^/]*\\.${CODE}$)`, "i")],
  ["test", /(?:^|\/)(?:tests?|__tests__|__mocks__|testdata|e2e|cypress)\//i],
  ["test", new RegExp(`(?:^|/)specs?/(?:[^/]*/)*[^/]*\\.${CODE}$`, "i")],
  ["test", /[._-](?:test|tests|spec|e2e|cy)\.[a-z]+$|(?:^|\/)(?:test_[^/]*|tests?|conftest)\.py$|\.feature$/i],
  ["test", /(?:Test|Tests|TestCase|IT|Spec)\.(?:java|kts?|groovy|scala|cs|fs|vb|swift|php)$/],

  ["migration", /(?:^|\/)(?:migrations?|migrate|alembic\/versions|db\/changelog)\//i],
  ["migration", /\.sql$|(?:^|\/)(?:schema\.prisma|db\/schema\.rb)$/i],

  ["dependencies", /(?:^|\/)(?:package|composer|bower|vcpkg)\.json$|(?:^|\/)pnpm-workspace\.yaml$/i],
  ["dependencies", /(?:^|\/)(?:requirements[^/]*|constraints)\.(?:txt|in)$|(?:^|\/)requirements\/[^/]*\.txt$/i],
  [
    "dependencies",
    /(?:^|\/)(?:pyproject\.toml|setup\.(?:py|cfg)|pipfile|environment\.ya?ml|go\.(?:mod|work)|cargo\.toml)$/i,
  ],
  [
    "dependencies",
    /(?:^|\/)(?:pom\.xml|build\.sbt|(?:build|settings)\.gradle(?:\.kts)?|libs\.versions\.toml|deps\.edn|project\.clj)$/i,
  ],
  [
    "dependencies",
    /(?:^|\/)(?:gemfile|podfile|cartfile|mix\.exs|rebar\.config|pubspec\.yaml|package\.swift|shard\.yml|flake\.nix|stack\.yaml)$/i,
  ],
  [
    "dependencies",
    /\.(?:gemspec|podspec|cabal|csproj|fsproj|vbproj)$|(?:^|\/)(?:directory\.packages\.props|packages\.config|conanfile\.(?:txt|py))$/i,
  ],

  // How it is checked, built and brought out.
  ["ci", /(?:^|\/)\.(?:github\/(?:workflows|actions)|circleci|buildkite|gitlab|ci)\//i],
  [
    "ci",
    /(?:^|\/)(?:\.gitlab-ci\.ya?ml|\.travis\.yml|\.drone\.yml|azure-pipelines\.ya?ml|bitbucket-pipelines\.yml|cloudbuild\.ya?ml)$/i,
  ],
  [
    "ci",
    /(?:^|\/)(?:jenkinsfile|dockerfile|containerfile)[^/]*$|\.dockerfile$|(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/i,
  ],
  ["ci", /\.(?:tf|tfvars)$|(?:^|\/)(?:k8s|kubernetes|helm|charts)\/|(?:^|\/)(?:dependabot\.ya?ml|renovate\.json5?)$/i],

  ["asset", /\.(?:png|jpe?g|gif|svg|webp|avif|ico|bmp|tiff?|psd|mp[34]|webm|mov|wav|ogg|pdf|ttf|otf|woff2?|eot)$/i],
  ["asset", /\.(?:zip|gz|tgz|tar|jar|wasm|bin|exe|dll|so|dylib|csv|tsv|parquet)$/i],

  ["security", /(?:^|\/)(?:\.env[^/]*|\.npmrc|codeowners)$|\.(?:pem|key|crt|p12|jks)$/i],
];

/** What is left over when no place of risk was found. */
const REST: readonly (readonly [FileKind, RegExp])[] = [
  ["docs", /\.txt$(?<!cmakelists\.txt)/i],
  [
    "config",
    /\.(?:ya?ml|toml|ini|cfg|conf|json|jsonc|json5|xml|properties|props|targets|sln|nix|mk|cmake|editorconfig)$/i,
  ],
  [
    "config",
    /\.config\.[cm]?[jt]s$|(?:^|\/)(?:makefile|justfile|procfile|cmakelists\.txt|build(?:\.bazel)?|workspace)$/i,
  ],
  ["config", /(?:^|\/)\.[^/]*$/],
];

/** Words of a path that say: here is decided who may do what, or a secret is kept. `author` is not `auth`. */
const SECURITY_WORD =
  /^(?:o?auth(?!or(?!i[sz]))[a-z0-9]*|log(?:in|out)|sign(?:in|out|up|ing|ature|atures)|sessions?|passw(?:or)?ds?|passphrase|credentials?|permissions?|privileges?|roles?|rbac|acls?|iam|sso|saml|oidc|jwts?|jwks|tokens?|secrets?|crypto[a-z]*|(?:en|de)crypt[a-z]*|ciphers?|hmac|keyrings?|keystores?|vault|tls|ssl|certs?|certificates?|csrf|xsrf|cors|sanitiz[a-z]*|security|firewall|mfa|totp)$/;

/** Of a longer path the end is read: some patterns cost the square of the length. */
const READ_CHARACTERS = 512;

/**
 * What a file is for, from its path alone. Rules are tried in a fixed order: generated, docs, test, then the risky places
 * (migration, dependencies, ci, security), then config and asset; everything else is code.
 *
 * @param path of any length; its last 512 characters are read
 * @param binary git found no text in it
 */
export function classifyFile(path: string, binary = false): FileKind {
  const end = path.slice(-READ_CHARACTERS);
  const told = kindBy(RULES, end);
  if (told !== undefined) return told;
  if (binary) return "asset";
  if (wordsOf(end).some((word) => SECURITY_WORD.test(word))) return "security";
  return kindBy(REST, end) ?? "code";
}

function kindBy(rules: readonly (readonly [FileKind, RegExp])[], path: string): FileKind | undefined {
  return rules.find(([, pattern]) => pattern.test(path))?.[0];
}

/** `src/authService/reset_password.ts`: src, auth, service, reset, password, ts. */
function wordsOf(path: string): string[] {
  return path
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}
