import { testPlanFor } from "./test-plan.ts";

test.each([
  ["src/auth.py", "tests/test_auth.py", "python -m pytest tests/test_auth.py"],
  ["api/src/core/auth.py", "api/tests/test_auth.py", "python -m pytest api/tests/test_auth.py"],
  ["src/cart.ts", "src/cart.test.ts", "npm test -- src/cart.test.ts"],
  ["web/App.tsx", "web/App.test.tsx", "npm test -- web/App.test.tsx"],
  ["internal/store/list.go", "internal/store/list_test.go", "go test ./internal/store/"],
  ["app/models/user.rb", "spec/models/user_spec.rb", "bundle exec rspec spec/models/user_spec.rb"],
  ["src/lib.rs", "src/lib.rs", "cargo test"],
  ["core/src/main/java/org/acme/Cart.java", "core/src/test/java/org/acme/CartTest.java", "mvn test -Dtest=CartTest"],
  ["Shop/Cart.cs", "CartTests.cs", "dotnet test --filter CartTests"],
  ["src/Cart.php", "tests/CartTest.php", "vendor/bin/phpunit tests/CartTest.php"],
  ["lib/shop/cart.ex", "test/shop/cart_test.exs", "mix test test/shop/cart_test.exs"],
])("%s is tested in %s", (path, file, run) => {
  expect(testPlanFor(path)).toEqual({ file, run: run.split(" ") });
});

test.each(["styles/page.css", "types/index.d.ts", "Makefile", "src/", ""])("%j has no custom", (path) => {
  expect(testPlanFor(path)).toBeUndefined();
});
