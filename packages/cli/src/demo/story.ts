import type { Author } from "./run-git.ts";

/** The demo's three people. */
export const AUTHORS = {
  mara: { name: "Mara Lindqvist", email: "mara@shop.example" },
  jonas: { name: "Jonas Okafor", email: "jonas@shop.example" },
  aylin: { name: "Aylin Demir", email: "aylin@shop.example" },
} as const satisfies Record<string, Author>;

type Who = keyof typeof AUTHORS;

/** Functions appended to a source file, or the text that a file gets. */
export type Edit =
  | { readonly path: string; readonly adds: readonly string[] }
  | { readonly path: string; readonly text: string };

export interface Chapter {
  readonly who: Who;
  readonly subject: string;
  readonly edits: readonly Edit[];
}

const adds = (path: string, ...names: string[]): Edit => ({ path, adds: names });
const text = (path: string, ...lines: string[]): Edit => ({ path, text: `${lines.join("\n")}\n` });

/** How the shop came to be: the history that the demo repository begins with. */
export const HISTORY: readonly Chapter[] = [
  {
    who: "mara",
    subject: "chore: start the shop",
    edits: [
      text("README.md", "# Shop", "", "A small web shop."),
      text("package.json", '{ "name": "shop", "version": "0.1.0", "type": "module" }'),
    ],
  },
  {
    who: "mara",
    subject: "feat(catalog): list products",
    edits: [adds("src/catalog.ts", "listProducts", "findProduct")],
  },
  {
    who: "mara",
    subject: "test(catalog): find a product by its id",
    edits: [adds("src/catalog.test.ts", "findsProductById")],
  },
  {
    who: "jonas",
    subject: "feat(cart): add and remove lines",
    edits: [adds("src/cart.ts", "addLine", "removeLine"), adds("src/cart.test.ts", "addsALine", "removesALine")],
  },
  {
    who: "aylin",
    subject: "feat(auth): sign in with a password",
    edits: [
      adds("src/auth/session.ts", "openSession", "closeSession"),
      adds("src/auth/password.ts", "hashPassword", "checkPassword"),
    ],
  },
  {
    who: "aylin",
    subject: "test(auth): a wrong password opens no session",
    edits: [adds("src/auth/session.test.ts", "refusesWrongPassword")],
  },
  {
    who: "jonas",
    subject: "feat(cart): total with tax",
    edits: [adds("src/cart.ts", "totalWithTax"), adds("src/cart.test.ts", "addsTax")],
  },
  {
    who: "mara",
    subject: "ci: run the tests on every push",
    edits: [
      text(
        ".github/workflows/test.yml",
        "on: push",
        "jobs:",
        "  test:",
        "    runs-on: ubuntu-latest",
        "    steps:",
        "      - run: npm test",
      ),
    ],
  },
  {
    who: "jonas",
    subject: "feat(orders): place an order",
    edits: [
      adds("src/orders.ts", "placeOrder", "orderNumber"),
      text(
        "migrations/001-orders.sql",
        "create table orders (",
        "  id integer primary key,",
        "  placed_at text not null",
        ");",
      ),
    ],
  },
  { who: "aylin", subject: "fix(auth): close a session once only", edits: [adds("src/auth/session.ts", "isOpen")] },
  {
    who: "mara",
    subject: "docs: how to run the shop",
    edits: [text("README.md", "# Shop", "", "A small web shop.", "", "    npm start")],
  },
  {
    who: "jonas",
    subject: "test(orders): an order keeps its lines",
    edits: [adds("src/orders.test.ts", "keepsItsLines")],
  },
  {
    who: "mara",
    subject: "feat(catalog): search by name",
    edits: [adds("src/catalog.ts", "searchByName"), adds("src/catalog.test.ts", "findsByName")],
  },
  {
    who: "aylin",
    subject: "refactor(auth): one place for cookies",
    edits: [adds("src/auth/cookies.ts", "readCookie", "writeCookie")],
  },
  { who: "jonas", subject: "feat(payment): pay by card", edits: [adds("src/payment.ts", "chargeCard", "refundCard")] },
  {
    who: "jonas",
    subject: "test(payment): a refused card charges nothing",
    edits: [adds("src/payment.test.ts", "chargesNothing")],
  },
  {
    who: "mara",
    subject: "style: one quote style",
    edits: [text(".editorconfig", "root = true", "[*]", "indent_style = space")],
  },
  {
    who: "aylin",
    subject: "feat(auth): sessions end after a day",
    edits: [adds("src/auth/session.ts", "endsAt"), adds("src/auth/session.test.ts", "endsAfterADay")],
  },
  { who: "mara", subject: "feat(catalog): show stock", edits: [adds("src/stock.ts", "inStock", "reserve")] },
  {
    who: "jonas",
    subject: "fix(cart): no negative amounts",
    edits: [adds("src/cart.ts", "checkAmount"), adds("src/cart.test.ts", "refusesNegativeAmounts")],
  },
  {
    who: "jonas",
    subject: "feat(orders): cancel an order",
    edits: [adds("src/orders.ts", "cancelOrder"), adds("src/orders.test.ts", "givesStockBack")],
  },
  { who: "aylin", subject: "build: pin the runtime", edits: [text(".nvmrc", "24")] },
  {
    who: "mara",
    subject: "test(stock): a reserved product is not in stock",
    edits: [adds("src/stock.test.ts", "reservedIsNotInStock")],
  },
  {
    who: "jonas",
    subject: "feat(shipping): cost by weight",
    edits: [adds("src/shipping.ts", "costByWeight"), adds("src/shipping.test.ts", "heavierCostsMore")],
  },
  {
    who: "aylin",
    subject: "feat(auth): sign in with a link by mail",
    edits: [adds("src/auth/mail-link.ts", "sendLink", "openLink"), adds("src/auth/mail-link.test.ts", "opensOnce")],
  },
  {
    who: "mara",
    subject: "perf(catalog): search an index",
    edits: [adds("src/search-index.ts", "buildIndex", "lookUp"), adds("src/search-index.test.ts", "findsTheSame")],
  },
  {
    who: "jonas",
    subject: "fix(payment): refund the amount that was charged",
    edits: [adds("src/payment.ts", "chargedAmount"), adds("src/payment.test.ts", "refundsTheSame")],
  },
  {
    who: "aylin",
    subject: "docs(auth): what a session holds",
    edits: [text("docs/sessions.md", "# Sessions", "", "A session holds the customer's id and when it ends.")],
  },
  {
    who: "mara",
    subject: "feat(catalog): sort by price",
    edits: [adds("src/catalog.ts", "sortByPrice"), adds("src/catalog.test.ts", "cheapestFirst")],
  },
  {
    who: "jonas",
    subject: "chore: release 0.2.0",
    edits: [text("package.json", '{ "name": "shop", "version": "0.2.0", "type": "module" }')],
  },
];

/** What the demo's people push next, one after the other and round again. Each leaves something for the coach to find. */
export const PUSHES: readonly Chapter[] = [
  {
    who: "aylin",
    subject: "refactor(auth): rebuild sessions around tokens",
    edits: [
      adds(
        "src/auth/session.ts",
        "issueToken",
        "rotateToken",
        "revokeToken",
        "verifyToken",
        "tokensOf",
        "forgetTokens",
      ),
    ],
  },
  {
    who: "jonas",
    subject: "feat(payment): pay in instalments",
    edits: [
      adds("src/payment.ts", "planInstalments", "chargeInstalment", "remindOfInstalment", "settleEarly"),
      text(
        "migrations/002-instalments.sql",
        "create table instalments (",
        "  order_id integer not null,",
        "  due_on text not null,",
        "  amount integer not null",
        ");",
      ),
    ],
  },
  {
    who: "mara",
    subject: "feat(catalog): recommend what others bought",
    edits: [adds("src/recommend.ts", "boughtTogether", "rankByCount", "withoutOwn", "topFive", "explain")],
  },
];
