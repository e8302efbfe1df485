/** Turns a kernel's TypeScript into JavaScript that counts the operations in its loops, as `Kernel.flops` does. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import type { Kernel } from "../../polybench/suite.ts";

const operators: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.PlusEqualsToken,
  ts.SyntaxKind.MinusEqualsToken,
  ts.SyntaxKind.AsteriskEqualsToken,
  ts.SyntaxKind.SlashEqualsToken,
]);

/** A function body that returns the kernel; it counts in `count.ops`. */
export function countingSource(kernel: Kernel): string {
  const { outputText } = ts.transpileModule(readFileSync(kernel.file, "utf8"), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
    transformers: { before: [count] },
  });
  const body = outputText.replaceAll(/^import .*$/gm, "").replaceAll(/^export /gm, "");
  return `${body}\nreturn ${kernel.exportName};`;
}

const count: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const { factory } = context;
  const counted = (expression: ts.Expression): ts.Expression => {
    const ops = factory.createPropertyAccessExpression(factory.createIdentifier("count"), "ops");
    return factory.createParenthesizedExpression(factory.createComma(factory.createPostfixIncrement(ops), expression));
  };
  /** `inside`: in a loop's body, or in a helper that loops call. */
  const visit = (node: ts.Node, inside: boolean): ts.Node => {
    const descend = <T extends ts.Node>(child: T, on: boolean): T => visit(child, on) as T;
    if (ts.isForStatement(node)) {
      const { initializer, condition, incrementor, statement } = node;
      return factory.updateForStatement(node, initializer, condition, incrementor, descend(statement, true));
    }
    if (ts.isIfStatement(node)) {
      const otherwise = node.elseStatement && descend(node.elseStatement, inside);
      return factory.updateIfStatement(node, node.expression, descend(node.thenStatement, inside), otherwise);
    }
    if (ts.isFunctionDeclaration(node)) {
      const helper = !node.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword);
      return ts.visitEachChild(node, (child) => visit(child, helper), context);
    }
    // A subscript is not arithmetic on elements.
    if (ts.isElementAccessExpression(node)) return node;
    if (!inside) return ts.visitEachChild(node, (child) => visit(child, false), context);
    // A compare-select is one operation: its branches are operands, or repeat the condition's arithmetic.
    if (ts.isConditionalExpression(node)) {
      const { questionToken, whenTrue, colonToken, whenFalse } = node;
      const condition = descend(node.condition, true);
      return counted(
        factory.updateConditionalExpression(node, condition, questionToken, whenTrue, colonToken, whenFalse),
      );
    }
    const visited = ts.visitEachChild(node, (child) => visit(child, true), context);
    if (ts.isBinaryExpression(visited) && operators.has(visited.operatorToken.kind)) return counted(visited);
    if (ts.isCallExpression(visited) && visited.expression.getText() === "Math.sqrt") return counted(visited);
    return visited;
  };
  return (source) => ts.visitEachChild(source, (child) => visit(child, false), context);
};
