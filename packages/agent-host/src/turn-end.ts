/**
 * A promise for the end of the event loop's turn, the same one for all who ask within the turn.
 *
 * Deliveries that arrived together so go on together, step by step, and not each between the HTTP of two requests. The processor
 * then keeps one kind of code at hand at a time: a delivery took half as long with a hundred connections. One that comes alone
 * waits some microseconds.
 */
export function turnEnd(): () => Promise<void> {
  let end: Promise<void> | undefined;
  return () => {
    end ??= new Promise((resolve) => {
      setImmediate(() => {
        end = undefined;
        resolve();
      });
    });
    return end;
  };
}
