// The procedure of a case that follows a closed one: whatever has to be done is done beside it; then it says what that was. Data.

/** Sealed into every linked case as its runbook (law 14). */
export const followUp = `id: follow-up
version: 1
title: { en: After a closed case, zh: 结案之后 }
summary:
  en: What follows a closed case, undo cards, notes, files, each on record, and what was done in a few words.
  zh: 结案之后的事项，包括撤销、备注和附件，逐项留痕，并用几句话说明做了什么。
owners: [security]
reviewed: '2026-11-24'
threat: { en: Whatever a closed case left to do., zh: 已结案件的遗留事项。 }
attack: [T1098]
severity: low
phases:
  - { id: after, title: { en: Afterwards, zh: 后续 } }
inputs: {}
steps:
  - id: follow-up
    kind: review
    phase: after
    fact: followUp
    title: { en: What was done after the case was closed?, zh: 结案之后做了什么？ }
    text:
      en: |
        Undo cards are listed by "firebreak undo CASE", notes and files are added with "note" and "attach".
        When nothing more follows, say in a few words what was done and why: that ends this case.
      zh: |
        用 “firebreak undo CASE” 列出撤销卡，用 note 和 attach 添加备注与附件。
        没有后续事项时，用几句话说明做了什么、为什么：这将结束本案。
    example: The key was enabled again for the owner, after its secret had been changed everywhere.
    on: { done: closed }
  - id: closed
    kind: end
    phase: after
    title: { en: Done, zh: 完成 }
    text: { en: Nothing more follows., zh: 没有后续事项。 }
    as: followed-up
`;
