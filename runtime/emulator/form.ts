/** An opcode being read part by part. What nobody takes is refused: a modifier that is not known cannot go unnoticed. */
import { type Instruction, type Operand, type PtxType, refuse, typeOf, types } from "./ptx.ts";

export class Form {
  readonly instruction: Instruction;
  private readonly rest: string[];

  constructor(instruction: Instruction) {
    this.instruction = instruction;
    this.rest = instruction.op.slice(1);
  }

  get operands(): readonly Operand[] {
    return this.instruction.operands;
  }

  /** The next part if it is one of these. */
  take<T extends string>(...options: readonly T[]): T | null {
    const next = options.find((o) => o === this.rest[0]);
    if (next === undefined) return null;
    this.rest.shift();
    return next;
  }

  flag(name: string): boolean {
    return this.take(name) !== null;
  }

  /** The next part, which must be one of these. */
  need<T extends string>(...options: readonly T[]): T {
    return (
      this.take(...options) ?? this.refuse(this.rest.length === 0 ? "a part of the opcode is missing" : this.unknown())
    );
  }

  /** The type that comes next, one of those named. */
  type(names: string): PtxType {
    return typeOf(this.need(...names.split(" ")));
  }
  anyType(): PtxType {
    return typeOf(this.need(...types.keys()));
  }

  /** All parts are read, and there are so many operands. */
  end(operands: number): readonly Operand[] {
    if (this.rest.length > 0) this.refuse(this.unknown());
    if (this.operands.length !== operands) {
      this.refuse(`${this.instruction.op[0]} has ${operands} operands here, not ${this.operands.length}`);
    }
    return this.operands;
  }

  refuse(message: string): never {
    return refuse(this.instruction, message);
  }

  private unknown(): string {
    return `.${this.rest[0]} is not emulated in this instruction`;
  }
}
