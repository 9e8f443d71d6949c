package io.redknot.server.persistence;

/**
 * What is known of the saves so far.
 *
 * @param lastSaveMs when the data set was last on disk, or the server started, Unix ms
 * @param ok whether the last save worked
 * @param lastTryMs when the last save began, Unix ms; 0: there was none
 * @param lastTookMs how long the last save took; -1: there was none
 * @param saves how many have worked
 * @param changesSaved changes of the data set that the last one that worked had in it
 */
public record SaveState(
    long lastSaveMs, boolean ok, long lastTryMs, long lastTookMs, long saves, long changesSaved) {

  SaveState saved(long beganMs, long endedMs, long changes) {
    return new SaveState(endedMs, true, beganMs, endedMs - beganMs, saves + 1, changes);
  }

  /** What was loaded is on disk as it is. */
  SaveState loaded(long changes) {
    return new SaveState(lastSaveMs, ok, lastTryMs, lastTookMs, saves, changes);
  }

  SaveState failed(long beganMs, long endedMs) {
    return new SaveState(lastSaveMs, false, beganMs, endedMs - beganMs, saves, changesSaved);
  }
}
