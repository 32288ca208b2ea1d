import type { FileKind } from "@contextpilot/events";
import * as fc from "fast-check";
import { classifyFile } from "./classify-file.ts";

const PATHS: Record<FileKind, readonly string[]> = {
  generated: [
    "pnpm-lock.yaml",
    "web/package-lock.json",
    "yarn.lock",
    "Cargo.lock",
    "go.sum",
    "Gemfile.lock",
    "poetry.lock",
    ".terraform.lock.hcl",
    "dist/index.js",
    "public/app.min.js",
    "public/app.js.map",
    "vendor/github.com/pkg/errors/errors.go",
    "node_modules/left-pad/package.json",
    "api/user.pb.go",
    "api/user_pb2.py",
    "src/__snapshots__/page.test.tsx.snap",
    "lib/models/user.g.dart",
    "src/schema.generated.ts",
  ],
  docs: [
    "README.md",
    "docs/impact-score.md",
    "docs/conf.py",
    "packages/web/docs/setup.yaml",
    "guide/intro.rst",
    "LICENSE",
    "CHANGELOG.md",
    "SECURITY.md",
    "README.txt",
    "notes.txt",
    "tests/README.md",
  ],
  test: [
    "src/pacing.test.ts",
    "src/store.int.test.ts",
    "src/App.spec.tsx",
    "internal/auth/session_test.go",
    "tests/test_auth.py",
    "app/test_models.py",
    "conftest.py",
    "src/__tests__/login.js",
    "src/test/java/org/acme/LoginTest.java",
    "module/OrderIT.java",
    "spec/models/user_spec.rb",
    "test/fixtures/package.json",
    "Tests/AppTests/LoginTests.swift",
    "cypress/login.cy.ts",
    "features/login.feature",
    "lib/user_test.exs",
  ],
  migration: [
    "db/migrate/20260101_add_users.rb",
    "app/migrations/0002_auth.py",
    "prisma/migrations/1/migration.sql",
    "prisma/schema.prisma",
    "alembic/versions/ab12_add.py",
    "db/schema.rb",
    "src/main/resources/V3__drop_orders.sql",
  ],
  dependencies: [
    "package.json",
    "services/web/package.json",
    "pnpm-workspace.yaml",
    "go.mod",
    "Cargo.toml",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements/base.txt",
    "pyproject.toml",
    "setup.py",
    "Pipfile",
    "pom.xml",
    "app/build.gradle.kts",
    "Gemfile",
    "acme.gemspec",
    "composer.json",
    "mix.exs",
    "pubspec.yaml",
    "Acme.Web.csproj",
  ],
  ci: [
    ".github/workflows/test.yml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "Jenkinsfile",
    "Dockerfile",
    "docker/Dockerfile.prod",
    "docker-compose.yml",
    "infra/main.tf",
    "charts/web/values.yaml",
    ".github/dependabot.yml",
    "azure-pipelines.yml",
  ],
  security: [
    "src/auth.py",
    "src/authService.ts",
    "lib/oauth2/client.rb",
    "app/models/session.rb",
    "internal/crypto/aead.go",
    "src/permissions/check.ts",
    "src/resetPassword.tsx",
    "pkg/jwt/verify.go",
    "src/token.rs",
    "config/secrets.yml",
    "src/authorization.cs",
    "src/authorisePayment.ts",
    ".env.production",
    "certs/server.pem",
    ".github/CODEOWNERS",
  ],
  config: [
    "tsconfig.json",
    ".editorconfig",
    "config/app.yaml",
    "setup.ini",
    "vite.config.ts",
    "Makefile",
    ".gitignore",
    "CMakeLists.txt",
  ],
  asset: ["logo.png", "public/font.woff2", "assets/auth.svg", "data/prices.csv", "manual.pdf"],
  code: [
    "src/index.ts",
    "main.go",
    "app/models/author.rb",
    "src/authors/list.py",
    "lib/latest.java",
    "src/docs/handler.ts",
    "styles/page.css",
    "bin/run",
    "src/contest.py",
    "spec.ts",
  ],
};

const CASES = Object.entries(PATHS).flatMap(([kind, paths]) => paths.map((path) => ({ kind, path })));

test.each(CASES)("$path is $kind", ({ kind, path }) => {
  expect(classifyFile(path)).toBe(kind);
});

test("a binary file without a place of its own is an asset", () => {
  expect(classifyFile("tools/solver", true)).toBe("asset");
  expect(classifyFile("src/auth.db", true)).toBe("asset");
});

test("any text is a path of some kind", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (path) => PATHS[classifyFile(path)].length > 0));
});

test("a long path costs little", () => {
  const started = process.cpuUsage();
  for (const part of ["a/", "docs/", "spec/", "test_", ".x", "-", "requirements", "Aa"])
    classifyFile(part.repeat(100_000));
  expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
});
