// Two receivers recorded the same id or order at once; the loser rolls back and starts over.

export class EventRaceError extends Error {
  override readonly name = 'EventRaceError';
}
