// Arranges comments as conversations. The API returns them oldest first, page by page. A comment
// whose parent has not arrived yet stays at the top level until it does. No recursion:
// conversations may be thousands of replies deep.

/** The comments in reading order, each with its depth: [{comment, depth, parent}]. */
export function flattened(comments) {
  const known = new Map(comments.map((comment) => [comment.id, comment]));
  const answers = new Map();
  const tops = [];
  for (const comment of comments) {
    const isAnswer = comment.parent !== null && known.has(comment.parent) && comment.parent !== comment.id;
    if (!isAnswer) tops.push(comment);
    else if (answers.has(comment.parent)) answers.get(comment.parent).push(comment);
    else answers.set(comment.parent, [comment]);
  }
  const lines = [];
  const open = tops.reverse().map((comment) => ({ comment, depth: 0, parent: null }));
  while (open.length > 0) {
    const line = open.pop();
    lines.push(line);
    const below = answers.get(line.comment.id) ?? [];
    answers.delete(line.comment.id);
    for (const comment of below.reverse()) open.push({ comment, depth: line.depth + 1, parent: line.comment });
  }
  return lines;
}
