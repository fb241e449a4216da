// Copies text to the clipboard.

/**
 * Copies a text and returns whether that succeeded. Without permission, the user can still select
 * and copy it.
 */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
