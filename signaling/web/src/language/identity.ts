import type { StepUp } from "../meeting/agenda";
import { suffices } from "../meeting/assurance";
import type { Assurance, Obstacle } from "../protocol";
import type { Messages } from "./sv";

/** Why the reader waits and what to do; `required` is what the meeting itself asks of everybody. */
export function ownObstacle(messages: Messages, obstacle: Obstacle, required: Assurance): string {
  const words = messages.identity;
  switch (obstacle.obstacle) {
    case "level": {
      const asks = suffices(required, obstacle.needs) ? words.meetingNeeds : words.itemNeeds;
      return asks(words.level[obstacle.needs]);
    }
    case "stale":
      return words.stale(words.level[obstacle.needs]);
    case "mismatched":
      return words.mismatched;
    case "other_item":
      return words.otherItem;
    case "disqualified":
      return words.disqualified;
  }
}

/** Why somebody waits, in a few words to chair and secretary. */
export function obstacleOf(messages: Messages, obstacle: Obstacle): string {
  const words = messages.identity;
  switch (obstacle.obstacle) {
    case "level":
      return words.lacks(words.level[obstacle.needs]);
    case "stale":
      return words.tooOld;
    case "mismatched":
      return words.anotherPerson;
    case "other_item":
      return words.anotherItem;
    case "disqualified":
      return words.isDisqualified;
  }
}

/** What asks the reader to show more, while they are still inside. */
export function stepUpSentence(messages: Messages, { item, needs }: StepUp): string {
  const level = messages.identity.level[needs];
  return item ? messages.identity.numberNeeds(item.id, level) : messages.identity.meetingNeeds(level);
}
