export type State =
  | { kind: "open" }
  | { kind: "paid"; at: Date }
  | { kind: "shipped"; at: Date; parcel: string }
  | { kind: "cancelled"; reason: string };

export function label(state: State): string {
  switch (state.kind) {
    case "open":
      return "waiting for payment";
    case "paid":
      return `paid on ${day(state.at)}`;
    case "shipped":
      return `parcel ${state.parcel}, sent on ${day(state.at)}`;
    case "cancelled":
      return `cancelled: ${state.reason}`;
  }
}

export function canCancel(state: State): boolean {
  return state.kind === "open" || state.kind === "paid";
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
