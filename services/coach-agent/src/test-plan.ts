/** Where a file's test belongs by the custom of its language, and the words of the command that runs it. */
export interface TestPlan {
  readonly file: string;
  readonly run: readonly string[];
}

interface Source {
  readonly path: string;
  /** `src/store/`, or nothing at the top. */
  readonly folder: string;
  /** Without its ending. */
  readonly name: string;
  readonly ending: string;
}

type Custom = (source: Source) => TestPlan;

const CUSTOMS: readonly (readonly [RegExp, Custom])[] = [
  [/^[cm]?[jt]sx?$/, beside],
  [/^py$/, python],
  [/^go$/, ({ folder, name }) => ({ file: `${folder}${name}_test.go`, run: ["go", "test", `./${folder}`] })],
  [/^rb$/, ruby],
  [/^rs$/, ({ path }) => ({ file: path, run: ["cargo", "test"] })],
  [/^(?:java|kt)$/, mirrored],
  [/^cs$/, ({ name }) => ({ file: `${name}Tests.cs`, run: ["dotnet", "test", "--filter", `${name}Tests`] })],
  [/^php$/, ({ name }) => ({ file: `tests/${name}Test.php`, run: ["vendor/bin/phpunit", `tests/${name}Test.php`] })],
  [/^ex$/, elixir],
];

/** Undefined where the language has no custom that one could name, and for type declarations. */
export function testPlanFor(path: string): TestPlan | undefined {
  const [, folder = "", name, ending = ""] = /^(.*\/)?([^/]+)\.([a-z]+)$/s.exec(path) ?? [];
  if (name === undefined || /\.d\.[cm]?ts$/.test(path)) return undefined;
  const custom = CUSTOMS.find(([endings]) => endings.test(ending))?.[1];
  return custom?.({ path, folder, name, ending });
}

function beside({ folder, name, ending }: Source): TestPlan {
  const file = `${folder}${name}.test.${ending}`;
  return { file, run: ["npm", "test", "--", file] };
}

/** `api/src/auth.py`: `api/tests/test_auth.py`. */
function python({ folder, name }: Source): TestPlan {
  const [, root = ""] = /^(.*\/)?src\//s.exec(folder) ?? [];
  const file = `${root}tests/test_${name}.py`;
  return { file, run: ["python", "-m", "pytest", file] };
}

function ruby({ folder, name }: Source): TestPlan {
  const file = `spec/${folder.replace(/^(?:app|lib)\//, "")}${name}_spec.rb`;
  return { file, run: ["bundle", "exec", "rspec", file] };
}

function mirrored({ folder, name, ending }: Source): TestPlan {
  const file = `${folder.replace(/(^|\/)src\/main\//, "$1src/test/")}${name}Test.${ending}`;
  return { file, run: ["mvn", "test", `-Dtest=${name}Test`] };
}

function elixir({ folder, name }: Source): TestPlan {
  const file = `test/${folder.replace(/^lib\//, "")}${name}_test.exs`;
  return { file, run: ["mix", "test", file] };
}
