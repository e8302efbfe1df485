/**
 * Structs and tuples are values here, and objects in JavaScript: what would tell the two apart is refused, which is to
 * write through one of two names, or to store one object in two places.
 */
import ts from "typescript";
import type { Instance, Session, Variable } from "./session.ts";
import { isAssignment, isPlace, rootName, strip, targetsIn } from "./syntax.ts";
import type { Ty } from "./types.ts";

/** Refuses writes through a name that is another struct's. */
export function checkWritable(session: Session, instance: Instance, target: ts.Expression, at: ts.Node): void {
  const name = rootName(target);
  const symbol = name === null ? undefined : session.symbol(name);
  if (name === null || symbol === undefined) {
    return session.reporter.refuse(
      at,
      "TG1042",
      "a write to a value that has no name",
      "give it a name first, with `const`",
    );
  }
  const v = instance.vars.get(symbol);
  if (v === undefined) session.reporter.refuse(at, "TG1047", `\`${name.text}\` is a constant of the module`);
  if (v.ty?.kind !== "struct" && v.ty?.kind !== "tuple") return;
  if (instance.params.some((p) => p.symbol === symbol)) {
    const message = `the struct \`${v.name}\` is a parameter; a write to it would change the caller's`;
    session.reporter.refuse(at, "TG1042", message, "return a struct with the new values");
  }
  const decl = symbol.valueDeclaration;
  if (decl === undefined || !ts.isVariableDeclaration(decl) || decl.initializer === undefined) return;
  const init = strip(decl.initializer);
  if (isPlace(init)) {
    session.reporter.refuse(at, "TG1042", `\`${v.name}\` is a second name of \`${init.getText()}\``);
  }
}

/** Refuses to store a struct that has a name: in JavaScript both places would then hold the same object. */
export function checkFresh(session: Session, ty: Ty, at: ts.Node): void {
  if ((ty.kind !== "struct" && ty.kind !== "tuple") || !isAssignment(at)) return;
  const value = strip(at.right);
  if (!isPlace(value)) return;
  const name = value.getText();
  session.reporter.refuse(
    at,
    "TG1042",
    `stores \`${name}\` a second time`,
    `write its fields, as in \`{ x: ${name}.x, … }\``,
  );
}

/** A second name of a struct keeps its value only where nothing is written through the first. */
export function checkSecondName(session: Session, instance: Instance, v: Variable, at: ts.Node): void {
  const decl = v.symbol.valueDeclaration;
  if (decl === undefined || !ts.isVariableDeclaration(decl) || decl.initializer === undefined) return;
  const init = strip(decl.initializer);
  const ty = instance.types.get(init) ?? instance.types.get(decl.initializer);
  if (ty?.kind !== "struct" && ty?.kind !== "tuple") return;
  if (!isPlace(init)) return;
  const first = rootName(init);
  const root = first === null ? undefined : session.symbol(first);
  if (root === undefined) return;
  const of = session.names.root(root);
  for (const target of targetsIn(instance.decl.body)) {
    const name = rootName(target);
    const written = name === null ? undefined : session.symbol(name);
    if (written === undefined || session.names.root(written) !== of) continue;
    session.reporter.refuse(
      at,
      "TG1042",
      `\`${v.name}\` is a second name of \`${init.getText()}\`, which is written in this function`,
      `copy the fields that you need, as in \`const x = ${init.getText()}.x\``,
    );
  }
}
