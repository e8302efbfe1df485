import type { Session } from "./session.ts";
export const printJs = (_s: Session): string => "";
