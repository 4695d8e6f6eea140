"""A runbook as something to carry out: its commands and files in their order, and where their answers stand."""

import re
from dataclasses import dataclass

FENCE = re.compile(r"^```(sh|toml)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([^`\s]+\.toml)`")


@dataclass
class Step:
    """A block of commands (`sh`), or of what a file is to have in it (`toml`)."""

    kind: str
    text: str
    # The file that the words before the block name last.
    file: str | None
    # Where the block with the answer is, or has to be.
    answer: slice
    heading: str


def steps(text):
    """The blocks of a runbook."""
    for found in FENCE.finditer(text):
        before = text[: found.start()]
        # A runbook says "write this in X, instead of what is there": the first file named since the last block.
        since = before.rpartition("```\n")[2]
        files = NAMED.findall(since)
        after_commands = found.end(2) + len("```\n")
        heading = before.rpartition("\n## ")[2].partition("\n")[0]
        yield Step(found[1], found[2], files[0] if files else None, slice(after_commands, found.end()), heading)


def with_answers(text, answers):
    """The runbook with what the commands answered: `(step, answer)` for each block of commands."""
    for step, answer in sorted(answers, key=lambda one: one[0].answer.start, reverse=True):
        block = f"\n```text\n{answer.rstrip()}\n```\n" if answer.strip() else ""
        text = text[: step.answer.start] + block + text[step.answer.stop :]
    return text
