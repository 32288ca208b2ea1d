import { webAddressOf } from "./read-origin.ts";

test.each([
  ["https://github.com/acme/shop.git", "https://github.com/acme/shop"],
  ["https://someone:a-token@github.com/acme/shop", "https://github.com/acme/shop"],
  ["git@github.com:acme/shop.git", "https://github.com/acme/shop"],
  ["ssh://git@git.example.com:2222/acme/shop.git", "https://git.example.com/acme/shop"],
  ["/srv/git/shop.git", ""],
  ["../shop", ""],
  ["", ""],
])("of the remote %j an image says %j, and never who may read it", (remote, address) => {
  expect(webAddressOf(remote)).toBe(address);
});
