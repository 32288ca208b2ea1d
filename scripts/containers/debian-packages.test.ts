import { parsePackages, withNeeds } from "./debian-packages.ts";

const installed = parsePackages(`git\t1:2.39\t\t\tlibc6 (>= 2.34), libcurl | libcurl-other, perl:any\t
libc6\t2.36\t\tlibgcc-s1\t\t
libgcc-s1\t12\t\t\tlibc6\t
libcurl-other\t7\t\t\t\t
perl-base\t5.36\tyes\t\t\tperl, perlapi
unrelated\t1\t\t\t\t
`);

test("a package comes with all that it needs: of choices what is there, by any name that it goes by", () => {
  expect(withNeeds(["git"], installed)).toEqual(["git", "libc6", "libcurl-other", "libgcc-s1", "perl-base"]);
});

test("a package that is not installed is named, with what installs it", () => {
  expect(() => withNeeds(["git", "java"], installed)).toThrow("not installed: java (apt-get install java)");
});
