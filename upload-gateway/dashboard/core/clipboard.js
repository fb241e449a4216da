// What is to be pasted elsewhere.

/** Whether it was copied. Without leave for the clipboard the text can still be marked and copied. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
