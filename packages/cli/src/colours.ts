import { isatty } from "node:tty";
import pc from "picocolors";

/** Colours where a person reads standard output. picocolors alone colours pipes too, where CI is set. */
export const colours = pc.createColors(isatty(1) && pc.isColorSupported);
