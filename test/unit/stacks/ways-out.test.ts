/**
 * Every parked and every pending state has a way out, and it is in its sentence. The sentences are taken from the code itself:
 * whatever parks a person or a thing, and whatever a provider refuses or waits for. A new one without a way out fails here.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { root } from "../../e2e/support.ts";

/** What somebody can do, as sentences begin it. */
const deeds =
  "add|archive|ask|buy|change|check|choose|close|compare|convert|correct|create|delete|disable|do|enable|fill|find|free|give|grant|have|initialise|join|keep|leave|let|lift|log|look|lower|make|manage|mend|move|name|put|raise|read|remove|rename|renew|replace|reset|restore|retire|run|save|say|set|shorten|show|switch|take|tell|trim|try|turn|unlock|use|wait|write";
const wayOut = new RegExp(
  [
    // An imperative after what is the matter: `…: rename all but one`, `…; correct it in Halo, or …`.
    `[;:,—.] (?:(?:or|and|then|first|else|please|if [^,;:]*,) )*(?:${deeds})\\b`,
    // What passes by itself, and when.
    "the next (?:run|plan|`haloform up`)|\\bwaits? (?:for|until)\\b|until (?:that is|exactly one|all|it)|some minutes after|try again later|it runs once",
    // What the rights are that are missing, or where they are given.
    "\\bneeds? (?:the|an?|one)\\b|should be|must be\\b",
  ].join("|"),
  "iu",
);

/** Sentences that are made elsewhere and only handed on, and where that is. */
const handedOn: { readonly [file: string]: readonly [begins: string, from: string] } = {
  "stacks/wish/ad/users.ts": ["the AD account …; until then it stays", "intoProtected of stacks/wish/ad/places.ts"],
  "stacks/wish/photos.ts": ["the photo …", "PhotoError of sources/photos"],
  "stacks/wish/entra/licences.ts": ["… cannot be given: …", "usageLocation in the same file"],
  "stacks/wish/entra/mailboxes.ts": ["the mailbox cannot be made ready", "exchangeNeeds of clients/exchange, or its ExchangeClosed"],
  "providers/core/attempt.ts": ["Left as it is, because what comes first has failed: …", "what failed first"],
  "providers/core/photo.ts": ["Could not change the photo of …: the image ….", "refuse() in the same file"],
  "providers/files/acl.ts": ["Could not set the Windows rights of …: …", "refusal() in the same file"],
  "providers/files/paths.ts": ["Could not … …: …", "causes in the same file"],
  "providers/halo/choices.ts": ["… has no option", "mend of each caller"],
  "providers/halo/named.ts": ["Could not ", "Words: mend and several of each caller"],
  "providers/halo/record.ts": ["Could not save …: …", "advice() of each kind; refused() in the same file"],
  "providers/script/program.ts": ["Could not run …: ….", "refuse() in the same file"],
  "providers/ad/user/deleted.ts": ["Could not delete …: …; ….", "refuse() in the same file"],
  "providers/entra/user/write.ts": ["Could not delete …: …; …", "refuse() in the same file"],
  "providers/entra/app/assignment.ts": ["Could not assign anybody to …: …", "findRole of providers/entra/app/read.ts"],
  "providers/entra/user/attributes.ts": ["expected …, found", "providers/entra/user/write.ts: …; correct Halo or the mapping"],
  "providers/ad/wire/limits.ts": ["", "…; change the naming rule in mappings/people.yaml"],
  "clients/http/wire.ts": ["sends more than", "an UnreachableError: nobody is parked by it"],
};
/** Further ones of a file that has one above. */
const alsoHandedOn: readonly string[] = ["Halo did not store …"];
/** Functions that make whole sentences which others hand on. */
const makers: { readonly [file: string]: readonly string[] } = {
  "stacks/match/match.ts": ["shared", "undecided"],
  "stacks/wish/ad/places.ts": ["intoProtected"],
  "stacks/wish/entra/seats.ts": ["shortage"],
  "stacks/wish/entra/groups.ts": ["impossible"],
};

interface Sentence {
  place: string;
  text: string;
}

const folders = ["stacks", "providers", "clients", "sources/photos"];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("doctor"))
    .map((name) => join(root, folder, name)),
);

/** The texts that an expression may be; "…" for what only the run knows. */
function texts(node: ts.Node, source: ts.SourceFile, depth = 0): string[] {
  if (depth > 6) return ["…"];
  const inner = (one: ts.Node): string[] => texts(one, source, depth + 1);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) return inner(node.expression);
  if (ts.isConditionalExpression(node)) return [...inner(node.whenTrue), ...inner(node.whenFalse)];
  if (ts.isBinaryExpression(node) && /^(?:\?\?|\|\|)$/u.test(node.operatorToken.getText(source)))
    return [...inner(node.left), ...inner(node.right)];
  if (ts.isTemplateExpression(node))
    return node.templateSpans.reduce<string[]>(
      (all, span) => all.flatMap((text) => inner(span.expression).map((one) => `${text}${one}${span.literal.text}`)).slice(0, 24),
      [node.head.text],
    );
  if (ts.isIdentifier(node)) {
    const made = declared(node.text, source);
    return made ? inner(made) : ["…"];
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    if (node.expression.text === "oneLine" && node.arguments[0]) return inner(node.arguments[0]);
    const made = returns(node.expression.text, source);
    return made.length > 0 ? made.flatMap(inner) : ["…"];
  }
  return ["…"];
}

/** What a name of the file stands for, where it is a constant. */
function declared(name: string, source: ts.SourceFile): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const walk = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) &&
      ts.isIdentifier(node.name) &&
      node.name.text === name &&
      node.initializer &&
      !ts.isArrowFunction(node.initializer)
    )
      found ??= node.initializer;
    ts.forEachChild(node, walk);
  };
  walk(source);
  return found;
}

/** What a function of the file gives. */
function returns(name: string, source: ts.SourceFile): ts.Expression[] {
  const found: ts.Expression[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name?.text === name && node.body) collect(node.body);
    if (
      ts.isVariableDeclaration(node) &&
      ts.isIdentifier(node.name) &&
      node.name.text === name &&
      node.initializer &&
      ts.isArrowFunction(node.initializer)
    )
      if (ts.isBlock(node.initializer.body)) collect(node.initializer.body);
      else found.push(node.initializer.body);
    ts.forEachChild(node, walk);
  };
  const collect = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression && node.expression.getText(source) !== "undefined") found.push(node.expression);
    if (!ts.isFunctionLike(node)) ts.forEachChild(node, collect);
  };
  walk(source);
  return found;
}

const errors = new Set(["RefusedError", "PendingError", "PhotoError"]);

/** The expression that says why, of what parks or refuses. */
function reasonIn(node: ts.Node): ts.Node | undefined {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && errors.has(node.expression.text))
    // A system's own words: providers/core/attempt.ts puts the way out behind them.
    return /\badvised\b/u.test(node.arguments?.[2]?.getText() ?? "") ? undefined : node.arguments?.[0];
  if (!ts.isCallExpression(node)) return undefined;
  const { expression: called, arguments: given } = node;
  if (ts.isIdentifier(called) && called.text === "parkThing") return given[2];
  if (ts.isIdentifier(called) && called.text === "park") return given.at(-1);
  if (!ts.isPropertyAccessExpression(called) || called.name.text !== "push" || !/(?:^|\.)parked$/u.test(called.expression.getText()))
    return undefined;
  const [row] = given;
  const reason = row && ts.isObjectLiteralExpression(row) ? row.properties.find((one) => one.name?.getText() === "reason") : undefined;
  return reason && ts.isPropertyAssignment(reason) ? reason.initializer : reason?.name;
}

/** What a file has for its own refusals: `refuse("why", "mend")`, where the file itself makes it. */
function refusedBy(node: ts.Node, source: ts.SourceFile): string[] {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || !/^refus(?:e|al|ed)$/u.test(node.expression.text)) return [];
  const isOwn = new RegExp(`const ${node.expression.text} = \\((?:why|cause|reason)`, "u").test(source.text);
  if (!isOwn) return [];
  const [why, mend, code] = node.arguments;
  const causes = why ? texts(why, source) : [];
  return mend && code ? causes.flatMap((cause) => texts(mend, source).map((deed) => `${cause}; ${deed}`)) : causes;
}

/** Sentences by themselves: `{ problem: "…" }`, which others hand on. */
function problemIn(node: ts.Node): ts.Node | undefined {
  return ts.isPropertyAssignment(node) && /^(?:problem|reason)$/u.test(node.name.getText()) ? node.initializer : undefined;
}

function sentences(): Sentence[] {
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
    const found: Sentence[] = [];
    const walk = (node: ts.Node): void => {
      const reason = reasonIn(node) ?? problemIn(node);
      const said = reason ? texts(reason, source) : refusedBy(node, source);
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      for (const text of new Set(said)) found.push({ place: `${relative(root, file)}:${line + 1}`, text });
      ts.forEachChild(node, walk);
    };
    walk(source);
    for (const maker of makers[relative(root, file)] ?? [])
      for (const made of returns(maker, source))
        for (const text of texts(made, source)) found.push({ place: `${relative(root, file)} ${maker}()`, text });
    return found;
  });
}

describe("parked and pending sentences", () => {
  const all = sentences();
  const told = all.filter(({ text }) => /[a-z]{3}/iu.test(text.replaceAll("…", "")));

  test("are found in the code: what parks people, things, and what providers refuse", () => {
    expect(told.length).toBeGreaterThan(150);
    for (const file of [
      "stacks/match/match.ts",
      "stacks/people/lifecycle.ts",
      "stacks/wish/entra/groups.ts",
      "providers/entra/user/find.ts",
    ])
      expect(
        told.some(({ place }) => place.startsWith(file)),
        file,
      ).toBe(true);
  });

  test("each says the way out", () => {
    const isHandedOn = ({ place, text }: Sentence): boolean => {
      const [begins] = handedOn[place.replace(/:\d+$/u, "")] ?? [];
      return (begins !== undefined && text.startsWith(begins)) || alsoHandedOn.some((one) => text.startsWith(one));
    };
    const without = told.filter((one) => !wayOut.test(one.text) && !isHandedOn(one));
    expect(without.map(({ place, text }) => `${place} ${text}`)).toEqual([]);
  });
});
